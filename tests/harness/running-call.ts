/** A call of four, played by `homeroom loadtest` with sound and pictures, while a story goes on. */

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Invitation, PROGRAM } from "./program.ts";
import { until } from "./until.ts";

/** More than any story takes: whoever began the call ends it. */
const LONGEST_S = 600;

/** What may be missing on a machine where much else runs: a hundredth of the sound. */
const MOST_LOST = 0.01;

type Report = { readonly sound: { readonly expected: number; readonly lost: number } };

export class RunningCall {
  readonly #process: ChildProcess;
  readonly #folder: string;
  readonly #said: { report: string; log: string };

  private constructor(
    process: ChildProcess,
    folder: string,
    said: { report: string; log: string },
  ) {
    this.#process = process;
    this.#folder = folder;
    this.#said = said;
  }

  /** The first four of these links talk, and do so when this returns; `before` runs their program elsewhere. */
  static async begin(
    invitations: readonly Invitation[],
    before: readonly string[] = [],
  ): Promise<RunningCall> {
    const folder = await mkdtemp(join(tmpdir(), "homeroom-call-"));
    const file = join(folder, "links.json");
    await writeFile(file, JSON.stringify(invitations));
    const options = ["--json", "--calls", "1", "--seconds", `${LONGEST_S}`, "--links", file];
    const [command = PROGRAM, ...rest] = [...before, PROGRAM, "loadtest", ...options];
    const child = spawn(command, rest, { stdio: ["ignore", "pipe", "pipe"] });
    const said = { report: "", log: "" };
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      said.report += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      said.log += text;
    });
    await once(child, "spawn");
    const call = new RunningCall(child, folder, said);
    await until("all four talk", () => {
      assert.ok(call.goesOn, `they do not: ${said.log}`);
      return said.log.includes("all have joined");
    });
    return call;
  }

  /** Whether all four still talk. */
  get goesOn(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null;
  }

  /** Ends it: nobody was put out of the call, and everybody heard everybody all the time. */
  async end(): Promise<void> {
    assert.ok(this.goesOn, `the call has ended: ${this.#said.log}`);
    this.#process.kill("SIGINT");
    await once(this.#process, "close");
    await rm(this.#folder, { recursive: true });
    assert.equal(this.#process.exitCode, 0, this.#said.log);
    const { sound } = JSON.parse(this.#said.report) as Report;
    console.log(`sound lost meanwhile: ${sound.lost} of ${sound.expected} packets`);
    assert.ok(sound.expected > 600, `they have talked: ${sound.expected}`);
    assert.ok(sound.lost <= sound.expected * MOST_LOST, `${sound.lost} of ${sound.expected} lost`);
  }

  /** Whatever became of it, it is over. */
  kill(): void {
    this.#process.kill("SIGKILL");
  }
}
