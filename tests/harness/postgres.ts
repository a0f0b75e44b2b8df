/** A PostgreSQL of a story's own, which can be stopped, woken, killed and started again. */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { appendFile, chmod, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { until } from "./until.ts";

const run = promisify(execFile);

const INSTALLED = "/usr/lib/postgresql";

/** As a user that PostgreSQL consents to run as, which root is not. */
async function as(program: string, ...rest: string[]): Promise<void> {
  const versions = await readdir(INSTALLED);
  const newest = versions.sort((a, b) => Number(a) - Number(b)).at(-1);
  assert.ok(newest, "PostgreSQL is installed");
  const whole = join(INSTALLED, newest, "bin", program);
  const isRoot = process.getuid?.() === 0;
  const [command, ...before] = isRoot ? ["runuser", "-u", "postgres", "--", whole] : [whole];
  assert.ok(command);
  await run(command, [...before, ...rest], { cwd: "/" });
}

/** A process that has ended since it was listed needs no telling: awake, the first one reaps its children. */
function tellUnlessGone(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") {
      throw error;
    }
  }
}

export class Postgres {
  /** Where its socket is. */
  readonly folder: string;
  /** The address that it listens on beside its socket, at the usual port. */
  readonly #host: string | undefined;

  private constructor(folder: string, host: string | undefined) {
    this.folder = folder;
    this.#host = host;
  }

  /** `host` is an address of this machine at which its whole network of 24 bits is let in. */
  static async start(host?: string): Promise<Postgres> {
    const folder = await mkdtemp(join(tmpdir(), "homeroom-postgres-"));
    await chmod(folder, 0o711);
    if (process.getuid?.() === 0) {
      await run("chown", ["postgres", folder]);
    }
    const postgres = new Postgres(folder, host);
    const options = [
      "--username=homeroom",
      "--auth=trust",
      "--encoding=UTF8",
      "--locale=C.UTF-8",
      "--no-sync",
    ];
    await as("initdb", `--pgdata=${postgres.#data}`, ...options);
    if (host !== undefined) {
      await appendFile(join(postgres.#data, "pg_hba.conf"), `host all all ${host}/24 trust\n`);
    }
    await postgres.startAgain();
    return postgres;
  }

  get #data(): string {
    return join(this.folder, "data");
  }

  get url(): string {
    return this.#host === undefined
      ? `postgres://homeroom@localhost/postgres?host=${this.folder}`
      : `postgres://homeroom@${this.#host}/postgres`;
  }

  /** Changes what it holds, beside all programs. */
  async run(sql: string): Promise<void> {
    const where = [`--host=${this.#host ?? this.folder}`, "--username=homeroom", "postgres"];
    await as("psql", "--quiet", "--set=ON_ERROR_STOP=1", `--command=${sql}`, ...where);
  }

  /** It takes connections when this returns. */
  async startAgain(): Promise<void> {
    const options = `-k ${this.folder} -c listen_addresses='${this.#host ?? ""}'`;
    const log = join(this.folder, "log");
    await as("pg_ctl", `--pgdata=${this.#data}`, "--wait", `--log=${log}`, "-o", options, "start");
  }

  /** Every process of it stands still (SIGSTOP), until {@link wake}. */
  async freeze(): Promise<void> {
    await this.#signal("SIGSTOP");
  }

  async wake(): Promise<void> {
    await this.#signal("SIGCONT");
  }

  /** Every process of it is gone at once. */
  async kill(): Promise<void> {
    const all = await this.#signal("SIGKILL");
    await until("they are gone", async () => {
      const alive = await Promise.all(
        all.map((pid) => readFile(`/proc/${pid}/stat`, "utf8").catch(() => "")),
      );
      return alive.every((stat) => stat === "" || / Z /.test(stat));
    });
  }

  async end(): Promise<void> {
    await this.#signal("SIGKILL").catch(() => undefined);
    await rm(this.folder, { recursive: true, force: true });
  }

  /** The first, which accepts connections, and each that it has begun. */
  async #signal(signal: NodeJS.Signals): Promise<number[]> {
    const first = Number(
      (await readFile(join(this.#data, "postmaster.pid"), "utf8")).split("\n")[0],
    );
    // It first: a new one could begin while the others are told.
    process.kill(first, signal);
    const children = await readFile(`/proc/${first}/task/${first}/children`, "utf8").catch(
      () => "",
    );
    const others = children.split(" ").filter(Boolean).map(Number);
    for (const pid of others) {
      tellUnlessGone(pid, signal);
    }
    return [first, ...others];
  }
}
