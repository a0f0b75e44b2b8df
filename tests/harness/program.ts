/** The real program, started for one story and ended by it. */

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { assertRuns, until } from "./until.ts";

/** One of the links, as `homeroom demo --json` prints them. */
export type Invitation = { readonly name: string; readonly role: string; readonly url: string };

export const PROGRAM =
  process.env.HOMEROOM_PROGRAM ??
  fileURLToPath(new URL("../../target/release/homeroom", import.meta.url));

const STOPS_WITHIN_MS = 2_000;

export class Program {
  readonly invitations: readonly Invitation[];
  readonly port: number;
  #process: ChildProcess;
  readonly #said: { out: string; log: string };

  private constructor(
    process: ChildProcess,
    said: { out: string; log: string },
    invitations: readonly Invitation[],
    port: number,
  ) {
    this.#process = process;
    this.#said = said;
    this.invitations = invitations;
    this.port = port;
  }

  /**
   * Starts `homeroom demo` and waits until it says that it can be used; `before` is what starts it
   * elsewhere, `options` what it is to do besides.
   */
  static async start(
    settings: Readonly<Record<string, string>> = {},
    before: readonly string[] = [],
    ...options: readonly string[]
  ): Promise<Program> {
    const port = await freePort();
    const demo = ["demo", "--json", "--listen", `127.0.0.1:${port}`, ...options];
    const [command = PROGRAM, ...rest] = [...before, PROGRAM, ...demo];
    const child = spawn(command, rest, {
      env: { ...process.env, ...settings },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const said = { out: "", log: "" };
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      said.out += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      said.log += text;
    });
    await once(child, "spawn");
    const invitations = await until("the program prints its links", () => {
      assertRuns(child, said.log);
      return said.out.trimEnd().endsWith("]") && (JSON.parse(said.out) as Invitation[]);
    }).catch((error: unknown) => {
      child.kill("SIGKILL");
      throw error;
    });
    assert.deepEqual(
      invitations.slice(0, 5).map(({ role }) => role),
      ["teacher", "teacher", "teacher", "parent", "guest"],
    );
    return new Program(child, said, invitations, port);
  }

  invitation(index: number): Invitation {
    const invitation = this.invitations[index];
    assert.ok(invitation, `there is no link ${index}`);
    return invitation;
  }

  get pid(): number {
    assert.ok(this.#process.pid !== undefined, "it was started");
    return this.#process.pid;
  }

  get runs(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null;
  }

  get origin(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** What it has written to its log so far. */
  get log(): string {
    return this.#said.log;
  }

  /** Kills the program at this instant, and starts it again as `homeroom serve` on what it kept. */
  async killAndStartAgain(folder: string): Promise<void> {
    const killed = once(this.#process, "exit");
    this.#process.kill("SIGKILL");
    await killed;
    await this.startAgain(folder);
  }

  /** Starts it again, as `homeroom serve`, on what it kept; it serves when this returns. */
  async startAgain(folder: string): Promise<void> {
    const child = spawn(PROGRAM, ["serve"], {
      cwd: folder,
      env: {
        ...process.env,
        HOMEROOM__HTTP__LISTEN: `127.0.0.1:${this.port}`,
        HOMEROOM__MEDIA__LISTEN: "127.0.0.1:0",
        HOMEROOM__DATA__FOLDER: folder,
      },
      stdio: ["ignore", "ignore", "pipe"],
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#said.log += text;
    });
    this.#process = child;
    const said = this.#said.log.length;
    await until("the program serves again", () => {
      assertRuns(child, this.#said.log);
      return this.#said.log.includes(" serving listen=", said);
    });
  }

  /** Presses Ctrl-C; returns how long the program took to end, milliseconds. */
  async interrupt(): Promise<number> {
    const began = performance.now();
    this.#process.kill("SIGINT");
    await until("the program ends", () => this.#process.exitCode !== null, STOPS_WITHIN_MS + 500);
    return performance.now() - began;
  }

  /** Ends it, and looks at what every story expects of it. */
  async end(): Promise<void> {
    if (this.runs) {
      this.#process.kill("SIGINT");
      await until("the program ends", () => this.#process.exitCode !== null).finally(() =>
        this.#process.kill("SIGKILL"),
      );
    }
    assert.equal(this.#process.exitCode, 0, `how it ended: ${this.log}`);
    assert.deepEqual(JSON.parse(this.#said.out), this.invitations, "it printed the links only");
    assert.doesNotMatch(this.log, /panicked/);
    for (const { url } of this.invitations) {
      const secret = new URL(url).hash.slice(1);
      assert.ok(secret.length > 0, `a link without a secret: ${url}`);
      assert.ok(!this.log.includes(secret), "a link's secret is in the log");
    }
  }
}

/** A TCP port that nobody uses. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  assert.ok(address !== null && typeof address === "object");
  return address.port;
}
