/** A Redis of a story's own, which can be killed, started again and emptied. */

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { assertRuns, until } from "./until.ts";

/** Where `scripts/lib/setup.sh` unpacks Debian's Redis, where none is installed. */
const UNPACKED = fileURLToPath(new URL("../../.tools/redis/", import.meta.url));

/** A run says that it lives about once a second. */
const LATELY_MS = 3_000;

/** Where it listens, beside its socket. */
export type At = { readonly host: string; readonly port: number };

export class Redis {
  readonly #folder: string;
  readonly #at: At | undefined;
  #process: ChildProcess | undefined;

  private constructor(folder: string, at: At | undefined) {
    this.#folder = folder;
    this.#at = at;
  }

  /** It keeps nothing on disk, and takes connections when this returns. */
  static async start(at?: At): Promise<Redis> {
    const redis = new Redis(await mkdtemp(join(tmpdir(), "homeroom-redis-")), at);
    await redis.startAgain();
    return redis;
  }

  get url(): string {
    const at = this.#at;
    return at === undefined ? `redis+unix://${this.#socket}` : `redis://${at.host}:${at.port}`;
  }

  get #socket(): string {
    return join(this.#folder, "socket");
  }

  async startAgain(): Promise<void> {
    const libraries = await readdir(join(UNPACKED, "usr/lib")).catch(() => []);
    const paths = libraries.map((name) => join(UNPACKED, "usr/lib", name));
    const { host = "127.0.0.1", port = 0 } = this.#at ?? {};
    const listen = ["--port", `${port}`, "--bind", host, "--protected-mode", "no"];
    const options = [...listen, "--unixsocket", this.#socket, "--save", "", "--dir", this.#folder];
    const child = spawn("redis-server", options, {
      env: {
        ...process.env,
        PATH: `${process.env.PATH}:${UNPACKED}usr/bin`,
        LD_LIBRARY_PATH: paths.join(":"),
      },
      stdio: ["ignore", "pipe", "pipe"],
      // Ctrl-C is for whoever began it.
      detached: true,
    });
    let said = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
    await once(child, "spawn");
    this.#process = child;
    await until("Redis takes connections", () => {
      assertRuns(child, said);
      return said.includes("eady to accept connections");
    });
  }

  /** It is gone at this instant, with all that it knew. */
  async kill(): Promise<void> {
    const child = this.#process;
    assert.ok(child, "it was started");
    if (child.exitCode === null && child.signalCode === null) {
      const ended = once(child, "exit");
      child.kill("SIGKILL");
      await ended;
    }
  }

  /** It stands still (SIGSTOP), and its connections with it, until {@link wake}. */
  freeze(): void {
    this.#process?.kill("SIGSTOP");
  }

  wake(): void {
    this.#process?.kill("SIGCONT");
  }

  /** It forgets all that it knows. */
  async flush(): Promise<void> {
    assert.match(await this.#ask("FLUSHALL"), /^\+OK/);
  }

  /** How many runs whose rows name it have just said in it that they live (`crates/cluster/src/bus.rs`). */
  async living(): Promise<number> {
    const key = /^homeroom:\S+:runs/m.exec(await this.#ask("KEYS homeroom:*:runs"))?.[0];
    if (key === undefined) {
      return 0;
    }
    const said = (await this.#ask(`HVALS ${key}`)).matchAll(/^lives (\d+)/gm);
    return [...said].filter(([, at]) => Date.now() - Number(at) < LATELY_MS).length;
  }

  async end(): Promise<void> {
    await this.kill();
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** One command, and all of its answer. */
  async #ask(command: string): Promise<string> {
    const socket = connect(this.#socket).setEncoding("utf8");
    socket.end(`${command}\r\nQUIT\r\n`);
    let answer = "";
    for await (const text of socket) {
      answer += String(text);
    }
    return answer;
  }
}
