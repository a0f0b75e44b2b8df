/** Debian's Postfix in a folder of its own, between the program and the mail server of a story. */

import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { chmod, chown, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { freePort } from "./program.ts";
import { until } from "./until.ts";

const run = promisify(execFile);

/** The services that take, queue, deliver and send back; none of them outside of this folder. */
const SERVICES = [
  "pickup unix n - n 60 1 pickup",
  "cleanup unix n - n - 0 cleanup",
  "qmgr unix n - n 300 1 qmgr",
  "rewrite unix - - n - - trivial-rewrite",
  "bounce unix - - n - 0 bounce",
  "defer unix - - n - 0 bounce",
  "trace unix - - n - 0 bounce",
  "flush unix n - n 1000? 0 flush",
  "proxymap unix - - n - - proxymap",
  "smtp unix - - n - - smtp",
  "relay unix - - n - - smtp",
  "error unix - - n - - error",
  "retry unix - - n - - error",
  "anvil unix - - n - 1 anvil",
  "scache unix - - n - 1 scache",
  "postlog unix-dgram n - n - 1 postlogd",
];

export class Postfix {
  readonly port: number;
  readonly #folder: string;

  private constructor(port: number, folder: string) {
    this.port = port;
    this.#folder = folder;
  }

  /** Takes mail at a port of its own, and carries it to the mail server at `next`. */
  static async start(next: number): Promise<Postfix> {
    const [port, folder] = await Promise.all([
      freePort(),
      mkdtemp(join(tmpdir(), "homeroom-postfix-")),
    ]);
    // Its programs run as a user of their own.
    await chmod(folder, 0o755);
    for (const name of ["conf", "queue", "data"]) {
      await mkdir(join(folder, name));
    }
    const { stdout: id } = await run("id", ["-u", "postfix"]);
    await chown(join(folder, "data"), Number(id), 0);
    const settings = {
      compatibility_level: "3.6",
      queue_directory: join(folder, "queue"),
      data_directory: join(folder, "data"),
      inet_interfaces: "127.0.0.1",
      inet_protocols: "ipv4",
      myhostname: "mx.fairview.example",
      mydestination: "",
      relay_domains: "",
      relayhost: `[127.0.0.1]:${next}`,
      mynetworks: "127.0.0.0/8",
      smtp_tls_security_level: "none",
      disable_dns_lookups: "yes",
      alias_maps: "",
      smtputf8_enable: "yes",
      maillog_file: join(folder, "log"),
      maillog_file_prefixes: folder,
    };
    const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}\n`);
    await writeFile(join(folder, "conf/main.cf"), lines.join(""));
    const services = [`127.0.0.1:${port} inet n - n - - smtpd`, ...SERVICES];
    await writeFile(join(folder, "conf/master.cf"), `${services.join("\n")}\n`);
    const postfix = new Postfix(port, folder);
    let said = "";
    const child = spawn("/usr/sbin/postfix", ["-c", join(folder, "conf"), "start-fg"], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        said += text;
      });
    }
    child.on("error", (error) => {
      said += String(error);
    });
    await until("Postfix listens", () => {
      assert.equal(child.exitCode, null, said);
      return listens(port);
    }).catch(async (error: unknown) => {
      await postfix.stop();
      throw error;
    });
    return postfix;
  }

  /** What it wrote of its deliveries. */
  async log(): Promise<string> {
    return readFile(join(this.#folder, "log"), "utf8").catch(() => "");
  }

  /** Ends it and nobody else's, and removes what it kept. */
  async stop(): Promise<void> {
    await run("/usr/sbin/postfix", ["-c", join(this.#folder, "conf"), "stop"]).catch(() => null);
    await rm(this.#folder, { recursive: true, force: true });
  }
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
