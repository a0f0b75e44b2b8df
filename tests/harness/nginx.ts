/** The real nginx in front of the program, set up as `docs/operations.md` tells. */

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assertThere } from "./there.ts";
import { assertRuns, until } from "./until.ts";

const NGINX = process.env.HOMEROOM_NGINX ?? "/usr/sbin/nginx";

/** What the guide has people write, but for names, ports and certificates. */
async function fromTheGuide(port: number, upstream: number): Promise<string> {
  const guide = await readFile(new URL("../../docs/operations.md", import.meta.url), "utf8");
  const block = /```nginx\n([\s\S]*?)```/.exec(guide)?.[1];
  assert.ok(block, "the guide shows nginx");
  const replaced = block
    .replace("127.0.0.1:8080", `127.0.0.1:${upstream}`)
    .replace("listen 443 ssl;", `listen 127.0.0.1:${port};`)
    .replace(/^ *ssl_certificate(_key)? .*\n/gm, "");
  assert.doesNotMatch(replaced, /\b(8080|443)\b|ssl_/);
  return replaced;
}

export class Nginx {
  readonly #process: ChildProcess;
  readonly #folder: string;

  private constructor(process: ChildProcess, folder: string) {
    this.#process = process;
    this.#folder = folder;
  }

  static async start(port: number, upstream: number): Promise<Nginx> {
    assertThere(NGINX);
    const folder = await mkdtemp(join(tmpdir(), "homeroom-nginx-"));
    const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
    const settings = `
      daemon off;
      pid ${folder}/pid;
      error_log stderr warn;
      events {}
      http {
        access_log off;
        ${temporary.map((name) => `${name}_temp_path ${folder}/${name};`).join("\n")}
        ${await fromTheGuide(port, upstream)}
      }`;
    const file = join(folder, "nginx.conf");
    await writeFile(file, settings);
    const child = spawn(NGINX, ["-p", folder, "-e", "stderr", "-c", file], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    let said = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
    child.on("error", (error) => {
      said += String(error);
    });
    const nginx = new Nginx(child, folder);
    await until("nginx listens", () => {
      assertRuns(child, said);
      return answers(port);
    }).catch(async (error: unknown) => {
      await nginx.stop();
      throw error;
    });
    return nginx;
  }

  async stop(): Promise<void> {
    this.#process.kill("SIGTERM");
    await until("nginx ends", () => {
      const { exitCode, signalCode, pid } = this.#process;
      return exitCode !== null || signalCode !== null || pid === undefined;
    });
    await rm(this.#folder, { recursive: true });
  }
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.on("connect", () => resolve(true)).on("error", () => resolve(false));
    socket.on("connect", () => socket.destroy());
  });
}
