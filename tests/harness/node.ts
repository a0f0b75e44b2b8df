/** Several nodes on one PostgreSQL and one Redis: the stage's program is one of them, these are the others. */

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { copyFile, mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Postgres } from "./postgres.ts";
import { freePort, PROGRAM } from "./program.ts";
import { assertRuns, until } from "./until.ts";

/** Where `scripts/lib/setup.sh` unpacks Debian's Redis, where none is installed. */
const UNPACKED = fileURLToPath(new URL("../../.tools/redis/", import.meta.url));

export class Redis {
  readonly #process: ChildProcess;
  readonly #folder: string;

  private constructor(process: ChildProcess, folder: string) {
    this.#process = process;
    this.#folder = folder;
  }

  /** It keeps nothing on disk, and takes connections when this returns. */
  static async start(): Promise<Redis> {
    const folder = await mkdtemp(join(tmpdir(), "homeroom-redis-"));
    const libraries = await readdir(join(UNPACKED, "usr/lib")).catch(() => []);
    const paths = libraries.map((name) => join(UNPACKED, "usr/lib", name));
    const socket = join(folder, "socket");
    const options = ["--port", "0", "--unixsocket", socket, "--save", "", "--dir", folder];
    const child = spawn("redis-server", options, {
      env: {
        ...process.env,
        PATH: `${process.env.PATH}:${UNPACKED}usr/bin`,
        LD_LIBRARY_PATH: paths.join(":"),
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let said = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
    await once(child, "spawn");
    await until("Redis takes connections", () => {
      assertRuns(child, said);
      return said.includes("eady to accept connections");
    });
    return new Redis(child, folder);
  }

  get url(): string {
    return `redis+unix://${this.#folder}/socket`;
  }

  async end(): Promise<void> {
    const ended = once(this.#process, "exit");
    this.#process.kill("SIGKILL");
    await ended;
    await rm(this.#folder, { recursive: true, force: true });
  }
}

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
      HOMEROOM__DATABASE__URL: this.#postgres.url,
    };
  }

  /** One more node, beside the first. */
  async node(name: string): Promise<Node> {
    const folder = join(this.#folder, name);
    await mkdir(folder, { mode: 0o700 });
    await copyFile(join(this.first, "keys"), join(folder, "keys"));
    const ports = [await freePort(), await freePort()] as const;
    const node = new Node(folder, ports, this.settings(name));
    await node.start();
    return node;
  }

  async clear(): Promise<void> {
    await Promise.all([this.#postgres.end(), this.#redis.end()]);
    await rm(this.#folder, { recursive: true, force: true });
  }
}

export class Node {
  readonly port: number;
  /** The port of its media. */
  readonly media: number;
  readonly #folder: string;
  readonly #settings: Readonly<Record<string, string>>;
  #process: ChildProcess | undefined;
  log = "";

  constructor(
    folder: string,
    [port, media]: readonly [number, number],
    settings: Readonly<Record<string, string>>,
  ) {
    this.#folder = folder;
    this.port = port;
    this.media = media;
    this.#settings = settings;
  }

  /** It serves when this returns. */
  async start(): Promise<void> {
    const child = spawn(PROGRAM, ["serve"], {
      cwd: this.#folder,
      env: {
        ...process.env,
        ...this.#settings,
        HOMEROOM__HTTP__LISTEN: `127.0.0.1:${this.port}`,
        HOMEROOM__MEDIA__LISTEN: `127.0.0.1:${this.media}`,
        HOMEROOM__DATA__FOLDER: this.#folder,
      },
      stdio: ["ignore", "ignore", "pipe"],
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

  /** The same link, at this node. */
  at(url: string): string {
    const there = new URL(url);
    there.port = `${this.port}`;
    return there.href;
  }

  /** It is gone at this instant. */
  async kill(): Promise<void> {
    const child = this.#process;
    assert.ok(child, "it was started");
    const killed = once(child, "exit");
    child.kill("SIGKILL");
    await killed;
  }

  /** Ends it, as by Ctrl-C. */
  async end(): Promise<void> {
    const child = this.#process;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) {
      return;
    }
    const ended = once(child, "exit");
    child.kill("SIGINT");
    await ended;
    assert.equal(child.exitCode, 0, this.log);
    assert.doesNotMatch(this.log, /panicked/);
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
