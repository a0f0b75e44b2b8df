/** Debian's Kannel, a gateway for text messages, with its test SMSC that keeps what arrives. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "./program.ts";
import { assertThere } from "./there.ts";
import { assertRuns, until } from "./until.ts";

/** Where its package is unpacked, or installed. */
const ROOT = process.env.HOMEROOM_KANNEL ?? "";

/** A text message as it arrived. */
export type Received = { readonly from: string; readonly to: string; readonly text: string };

const ACCOUNT = { user: "school", password: "a long secret" } as const;

export class Kannel {
  readonly #sends: number;
  readonly #folder: string;
  readonly #children: ChildProcess[] = [];
  #arrived = "";

  private constructor(sends: number, folder: string) {
    this.#sends = sends;
    this.#folder = folder;
  }

  static async start(): Promise<Kannel> {
    const [admin, boxes, smsc, sends] = await Promise.all([
      freePort(),
      freePort(),
      freePort(),
      freePort(),
    ]);
    const folder = await mkdtemp(join(tmpdir(), "homeroom-kannel-"));
    const kannel = new Kannel(sends, folder);
    const file = join(folder, "kannel.conf");
    // Groups of lines, with an empty one between.
    const groups = [
      [
        "core",
        `admin-port = ${admin}`,
        "admin-interface = 127.0.0.1",
        "admin-password = admin",
        `smsbox-port = ${boxes}`,
        "smsbox-interface = 127.0.0.1",
      ],
      [
        "smsc",
        "smsc = fake",
        "max-sms-octets = 1000",
        "host = 127.0.0.1",
        `port = ${smsc}`,
        "connect-allow-ip = 127.0.0.1",
      ],
      ["smsbox", "bearerbox-host = 127.0.0.1", `sendsms-port = ${sends}`],
      [
        "sendsms-user",
        `username = ${ACCOUNT.user}`,
        `password = ${ACCOUNT.password}`,
        "default-sender = Fairview",
        "concatenation = true",
        "max-messages = 5",
      ],
      ["sms-service", "keyword = default", "omit-empty = true", 'text = ""'],
    ];
    const written = groups.map(([name, ...lines]) => [`group = ${name}`, ...lines, ""].join("\n"));
    await writeFile(file, written.join("\n"));
    try {
      await kannel.#begin("/usr/sbin/bearerbox", [file], boxes);
      await kannel.#begin("/usr/sbin/smsbox", [file], sends);
      const arrives = ["-H", "127.0.0.1", "-r", String(smsc)];
      await kannel.#begin("/usr/lib/kannel/test/fakesmsc", arrives, null);
    } catch (error) {
      await kannel.stop();
      throw error;
    }
    return kannel;
  }

  /** The settings of the program that has it as its gateway, as `docs/rooms.md` tells. */
  get settings(): Readonly<Record<string, string>> {
    const account = `username=${ACCOUNT.user}&password=${encodeURIComponent(ACCOUNT.password)}`;
    const message = "charset=UTF-8&coding=2&to={to}&text={text}";
    const url = `http://127.0.0.1:${this.#sends}/cgi-bin/sendsms?${account}&${message}`;
    return { HOMEROOM__TEXTS__URL: url };
  }

  /** What has arrived at the test SMSC, in order. */
  get received(): readonly Received[] {
    const lines = this.#arrived.matchAll(/Got message \d+: <(\S+) (\S+) ucs-2 (\S+)>/g);
    return [...lines].map(([, from = "", to = "", data = ""]) => ({ from, to, text: ucs2(data) }));
  }

  /** Ends it and nobody else's, and removes what it kept. */
  async stop(): Promise<void> {
    for (const child of this.#children.reverse()) {
      if (child.exitCode === null && child.signalCode === null) {
        const ended = once(child, "exit");
        child.kill("SIGKILL");
        await ended;
      }
    }
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** Starts one of its programs, and waits until it listens. */
  async #begin(program: string, rest: readonly string[], port: number | null): Promise<void> {
    const path = ROOT + program;
    assertThere(path);
    // The test SMSC ends with its standard input.
    const child = spawn(path, rest, { cwd: this.#folder, stdio: ["pipe", "pipe", "pipe"] });
    this.#children.push(child);
    let said = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        said += text;
        if (port === null) {
          this.#arrived += text;
        }
      });
    }
    child.on("error", (error) => {
      said += String(error);
    });
    if (port !== null) {
      await until(`${program} listens`, () => {
        assertRuns(child, said);
        return listens(port);
      });
    }
  }
}

/** As the test SMSC writes what is in UCS-2: bytes, as in a URL. */
function ucs2(data: string): string {
  const bytes = data
    .replaceAll("+", " ")
    .replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  return Buffer.from(bytes, "latin1").swap16().toString("utf16le");
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
