/** Pebble, a real ACME server, which looks at ports of this machine for every name there is. */

import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { get } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { freePort } from "./program.ts";
import { assertThere } from "./there.ts";
import { assertRuns, until } from "./until.ts";

const run = promisify(execFile);

const PROGRAMS = process.env.HOMEROOM_PEBBLE ?? "/usr/bin";

export class Pebble {
  /** Its directory, and the file of whoever vouches for it. */
  readonly directory: string;
  readonly root: string;
  readonly #folder: string;
  readonly #management: number;
  readonly #processes: readonly ChildProcess[];
  readonly #said: { text: string };

  private constructor(
    folder: string,
    [port, management]: readonly [number, number],
    processes: readonly ChildProcess[],
    said: { text: string },
  ) {
    this.directory = `https://127.0.0.1:${port}/dir`;
    this.root = join(folder, "own.pem");
    this.#folder = folder;
    this.#management = management;
    this.#processes = processes;
    this.#said = said;
  }

  /** Starts it; `ports` is where it looks by HTTP and by TLS. */
  static async start(ports: { readonly http: number; readonly tls: number }): Promise<Pebble> {
    const [pebble, names] = [join(PROGRAMS, "pebble"), join(PROGRAMS, "pebble-challtestsrv")];
    assertThere(pebble);
    assertThere(names);
    const folder = await mkdtemp(join(tmpdir(), "homeroom-pebble-"));
    const [port, management, dns, control] = await Promise.all([
      freePort(),
      freePort(),
      freePort(),
      freePort(),
    ]);
    const [certificate, key] = [join(folder, "own.pem"), join(folder, "own.key")];
    await run("openssl", [
      ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"],
      ...[
        "-days",
        "2",
        "-subj",
        "/CN=pebble",
        "-addext",
        "subjectAltName=IP:127.0.0.1,DNS:localhost",
      ],
      ...["-addext", "basicConstraints=critical,CA:FALSE", "-keyout", key, "-out", certificate],
    ]);
    const settings = {
      listenAddress: `127.0.0.1:${port}`,
      managementListenAddress: `127.0.0.1:${management}`,
      certificate,
      privateKey: key,
      httpPort: ports.http,
      tlsPort: ports.tls,
      certificateValidityPeriod: 90 * 86_400,
    };
    const file = join(folder, "pebble.json");
    await writeFile(file, JSON.stringify({ pebble: settings }));
    const said = { text: "" };
    // Every name is this machine; it looks anew each time, and at once.
    const environment = {
      PEBBLE_VA_NOSLEEP: "1",
      PEBBLE_WFE_NONCEREJECT: "0",
      PEBBLE_AUTHZREUSE: "0",
    };
    const none = ["-http01", "", "-https01", "", "-tlsalpn01", "", "-defaultIPv6", ""];
    const begin = (command: string, ...rest: readonly string[]) => {
      const child = spawn(command, rest, {
        env: { ...process.env, ...environment },
        stdio: ["ignore", "pipe", "pipe"],
      });
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding("utf8").on("data", (text: string) => {
          said.text += text;
        });
      }
      child.on("error", (error) => {
        said.text += String(error);
      });
      return child;
    };
    const processes = [
      begin(names, "-dns01", `127.0.0.1:${dns}`, "-management", `127.0.0.1:${control}`, ...none),
      begin(pebble, "-strict", "-config", file, "-dnsserver", `127.0.0.1:${dns}`),
    ];
    const started = new Pebble(folder, [port, management], processes, said);
    await until("Pebble answers", async () => {
      for (const child of processes) {
        assertRuns(child, said.text);
      }
      return (await started.vouches()).includes("BEGIN CERTIFICATE");
    }).catch(async (error: unknown) => {
      await started.stop();
      throw error;
    });
    return started;
  }

  /** Whoever vouches for the certificates that it issues, PEM. */
  async vouches(): Promise<string> {
    return fetchText(`https://127.0.0.1:${this.#management}/roots/0`, await readFile(this.root));
  }

  /** What it has written so far. */
  get log(): string {
    return this.#said.text;
  }

  async stop(): Promise<void> {
    for (const child of this.#processes) {
      child.kill("SIGTERM");
    }
    await until("Pebble ends", () =>
      this.#processes.every(
        ({ exitCode, signalCode, pid }) =>
          exitCode !== null || signalCode !== null || pid === undefined,
      ),
    );
    await rm(this.#folder, { recursive: true });
  }
}

function fetchText(url: string, ca: Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    const asked = get(url, { ca, agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part: string) => {
        text += part;
      });
      response.on("end", () => resolve(text));
    });
    asked.on("error", reject);
  });
}
