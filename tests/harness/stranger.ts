/** A client that nobody here wrote: `tests/aiortc/client.py`, in a process of its own. */

import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { ServerMessage } from "../../web/src/wire/messages.ts";
import type { Invitation } from "./program.ts";
import { assertThere } from "./there.ts";

/** How many frames, of sound or picture, were decoded from one slot. */
export type Frames = { readonly audio: number; readonly camera: number; readonly screen: number };

const PYTHON = fileURLToPath(new URL("../.venv/bin/python", import.meta.url));
const CLIENT = fileURLToPath(new URL("../aiortc/client.py", import.meta.url));

type Line =
  | { readonly said: ServerMessage }
  | { readonly slots: readonly Frames[] }
  | { readonly closed: number };

export class Stranger {
  readonly said: ServerMessage[] = [];
  readonly closes: number[] = [];
  frames: readonly Frames[] = [];
  /** What it complained of. */
  complaints = "";
  readonly #process: ChildProcess;

  constructor(invitation: Invitation) {
    assertThere(PYTHON);
    this.#process = spawn(PYTHON, [CLIENT, invitation.url], { stdio: ["pipe", "pipe", "pipe"] });
    const { stdout, stderr } = this.#process;
    if (stdout) {
      createInterface({ input: stdout }).on("line", (line) => this.#note(JSON.parse(line) as Line));
    }
    stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.complaints += text;
    });
  }

  get hasEnded(): boolean {
    return this.#process.exitCode !== null;
  }

  /** The newest message of this type. */
  last<K extends ServerMessage["type"]>(type: K) {
    return this.said.findLast(
      (message): message is Extract<ServerMessage, { type: K }> => message.type === type,
    );
  }

  command(command: "drop" | "leave"): void {
    this.#process.stdin?.write(`${command}\n`);
  }

  end(): void {
    this.#process.kill("SIGKILL");
  }

  #note(line: Line): void {
    if ("said" in line) {
      this.said.push(line.said);
    } else if ("slots" in line) {
      this.frames = line.slots;
    } else {
      this.closes.push(line.closed);
    }
  }
}
