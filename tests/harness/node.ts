/** Several nodes on one PostgreSQL and one Redis: the stage's program is one of them, these are the others. */

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Postgres } from "./postgres.ts";
import { freePort, type Invitation, PROGRAM } from "./program.ts";
import { Redis } from "./redis.ts";
import { assertRuns, until } from "./until.ts";

/** What all nodes of a story share. */
export class Ground {
  readonly #postgres: Postgres;
  readonly #redis: Redis;
  readonly #folder: string;

  private constructor(postgres: Postgres, redis: Redis, folder: string) {
    this.#postgres = postgres;
    this.#redis = redis;
    this.#folder = folder;
  }

  static async lay(): Promise<Ground> {
    const folder = await mkdtemp(join(tmpdir(), "homeroom-nodes-"));
    await writeFile(join(folder, "key"), "k".repeat(48));
    await mkdir(join(folder, "first"));
    const [postgres, redis] = await Promise.all([Postgres.start(), Redis.start()]);
    return new Ground(postgres, redis, folder);
  }

  /** The data folder of the stage's program. */
  get first(): string {
    return join(this.#folder, "first");
  }

  /** The settings of one of the nodes. */
  settings(name: string): Record<string, string> {
    return {
      HOMEROOM__CLUSTER__NAME: name,
      HOMEROOM__CLUSTER__LISTEN: "127.0.0.1:0",
      HOMEROOM__CLUSTER__KEY_FILE: join(this.#folder, "key"),
      HOMEROOM__CLUSTER__REDIS_URL: this.#redis.url,
      ...this.records,
    };
  }

  /** Where the records are. */
  get records(): Record<string, string> {
    return { HOMEROOM__DATABASE__URL: this.#postgres.url };
  }

  /** One more node, beside the first; it has these settings and options too. */
  async node(
    name: string,
    more: Readonly<Record<string, string>> = {},
    options: readonly string[] = [],
  ): Promise<Node> {
    const folder = join(this.#folder, name);
    await mkdir(folder, { mode: 0o700 });
    await copyFile(join(this.first, "keys"), join(folder, "keys"));
    const ports = [await freePort(), await freePort()] as const;
    const node = new Node(folder, ports, { ...this.settings(name), ...more }, { ...HERE, options });
    await node.start();
    return node;
  }

  get postgres(): Postgres {
    return this.#postgres;
  }

  get redis(): Redis {
    return this.#redis;
  }

  async clear(): Promise<void> {
    await Promise.all([this.#postgres.end(), this.#redis.end()]);
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** Where a node runs. */
export type Place = {
  /** The address of its pages and its media. */
  readonly host: string;
  /** What starts a program there. */
  readonly before: readonly string[];
  /** How it serves there, beside its settings. */
  readonly options?: readonly string[];
};

const HERE: Place = { host: "127.0.0.1", before: [] };

export class Node {
  readonly port: number;
  /** The port of its media. */
  readonly media: number;
  readonly #folder: string;
  readonly #settings: Readonly<Record<string, string>>;
  readonly #place: Place;
  #process: ChildProcess | undefined;
  log = "";
  /** What it has printed beside its log. */
  printed = "";

  constructor(
    folder: string,
    [port, media]: readonly [number, number],
    settings: Readonly<Record<string, string>>,
    place = HERE,
  ) {
    this.#folder = folder;
    this.port = port;
    this.media = media;
    this.#settings = settings;
    this.#place = place;
  }

  /** It serves when this returns. */
  async start(): Promise<void> {
    const { host, before, options = [] } = this.#place;
    const [command = PROGRAM, ...rest] = [...before, PROGRAM, "serve", ...options];
    const child = spawn(command, rest, {
      cwd: this.#folder,
      env: {
        ...process.env,
        HOMEROOM__HTTP__LISTEN: `${host}:${this.port}`,
        HOMEROOM__MEDIA__LISTEN: `${host}:${this.media}`,
        // The port beside it may be somebody else's.
        HOMEROOM__MEDIA__WORKERS: "1",
        HOMEROOM__DATA__FOLDER: this.#folder,
        ...this.#settings,
      },
      stdio: ["ignore", "pipe", "pipe"],
      // Ctrl-C is for whoever began it.
      detached: true,
    });
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      this.printed += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.log += text;
    });
    this.#process = child;
    const said = this.log.length;
    await until("the node serves", () => {
      assertRuns(child, this.log);
      return this.log.includes(" this is a node", said);
    });
  }

  get origin(): string {
    return `http://${this.#place.host}:${this.port}`;
  }

  get pid(): number {
    assert.ok(this.#process?.pid !== undefined, "it was started");
    return this.#process.pid;
  }

  /** The link by which the office is set up: of a school that has none yet, the one that was printed last is it. */
  get setUpLink(): string | undefined {
    return this.printed.match(/\S+\/setup#\S+/g)?.at(-1);
  }

  get runs(): boolean {
    return this.#process?.exitCode === null && this.#process.signalCode === null;
  }

  /** It stands still from this instant on, until {@link wake}. */
  freeze(): void {
    this.#process?.kill("SIGSTOP");
  }

  wake(): void {
    this.#process?.kill("SIGCONT");
  }

  /** The same link, at this node. */
  at(url: string): string {
    const there = new URL(url);
    there.port = `${this.port}`;
    return there.href;
  }

  /** It is to take no new meetings, and to end when its own are over. */
  drain(): void {
    this.#process?.kill("SIGUSR1");
  }

  /** Waits until it has ended, by whatever; gives its code, where it has one. */
  async untilEnded(): Promise<number | null> {
    const child = this.#process;
    if (child && this.runs) {
      await once(child, "exit");
    }
    return child?.exitCode ?? null;
  }

  /** It is gone at this instant. */
  async kill(): Promise<void> {
    const child = this.#process;
    if (child === undefined || !this.runs) {
      return;
    }
    const killed = once(child, "exit");
    child.kill("SIGKILL");
    await killed;
  }

  /** Ends it, as by Ctrl-C. */
  async end(): Promise<void> {
    const child = this.#process;
    if (child === undefined || !this.runs) {
      return;
    }
    const ended = once(child, "exit");
    child.kill("SIGINT");
    await ended;
    assert.equal(child.exitCode, 0, this.log);
    assert.doesNotMatch(this.log, /panicked/);
  }
}

/** Fills the records, and makes their keys; gives the links. */
export async function fill(
  calls: number,
  where: { port: number; folder: string; records: Readonly<Record<string, string>> },
): Promise<Invitation[]> {
  const options = ["--json", "--calls", `${calls}`, "--listen", `127.0.0.1:${where.port}`];
  const child = spawn(PROGRAM, ["demo", ...options, "--data", where.folder], {
    env: { ...process.env, ...where.records },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  let [said, log] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    log += text;
  });
  const ended = once(child, "exit");
  try {
    return await until("the links are there", () => {
      assertRuns(child, log);
      return said.trimEnd().endsWith("]") && (JSON.parse(said) as Invitation[]);
    });
  } finally {
    child.kill("SIGINT");
    await ended;
  }
}

/** A figure of a program's. */
export async function figure(port: number, name: string): Promise<number> {
  const answer = await fetch(`http://127.0.0.1:${port}/metrics`);
  const figures = await answer.text();
  const line = figures.split("\n").find((text) => text.startsWith(`${name} `));
  assert.ok(line, `no ${name} in ${figures}`);
  return Number(line.split(" ")[1]);
}
