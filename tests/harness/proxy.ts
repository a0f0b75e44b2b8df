/** Real proxies in front of the program, set up as `docs/operations.md` tells. */

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assertThere } from "./there.ts";
import { assertRuns, until } from "./until.ts";

export const PROXIES = ["nginx", "Caddy", "Apache"] as const;
export type Kind = (typeof PROXIES)[number];

type Command = { readonly program: string; readonly rest: readonly string[] };

/** The block of the guide that shows a proxy, led from `port` to `upstream`, without a certificate. */
async function fromTheGuide(kind: Kind, port: number, upstream: number): Promise<string> {
  const guide = await readFile(new URL("../../docs/operations.md", import.meta.url), "utf8");
  const block = new RegExp(`\`\`\`${kind.toLowerCase()}\n([\\s\\S]*?)\`\`\``).exec(guide)?.[1];
  assert.ok(block, `the guide shows ${kind}`);
  const led = block.replace("127.0.0.1:8080", `127.0.0.1:${upstream}`);
  const replaced = {
    nginx: led
      .replace("listen 443 ssl;", `listen 127.0.0.1:${port};`)
      .replace(/^ *ssl_certificate(_key)? .*\n/gm, ""),
    Caddy: led.replace("calls.example.org {", `http://127.0.0.1:${port} {`),
    Apache: led.replace("*:443", `127.0.0.1:${port}`).replace(/^ *SSL.*\n/gm, ""),
  }[kind];
  assert.doesNotMatch(replaced, /\b(8080|443)\b|ssl_|SSL/);
  return replaced;
}

async function nginx(folder: string, ports: readonly [number, number]): Promise<Command> {
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
  const file = join(folder, "nginx.conf");
  await writeFile(
    file,
    `daemon off;
    pid ${folder}/pid;
    error_log stderr warn;
    events {}
    http {
      access_log off;
      ${temporary.map((name) => `${name}_temp_path ${folder}/${name};`).join("\n")}
      ${await fromTheGuide("nginx", ...ports)}
    }`,
  );
  const program = process.env.HOMEROOM_NGINX ?? "/usr/sbin/nginx";
  return { program, rest: ["-p", folder, "-e", "stderr", "-c", file] };
}

async function caddy(folder: string, ports: readonly [number, number]): Promise<Command> {
  const file = join(folder, "Caddyfile");
  const own = `{
    admin off
    auto_https off
    storage file_system ${folder}
  }`;
  await writeFile(file, `${own}\n${await fromTheGuide("Caddy", ...ports)}`);
  const program = process.env.HOMEROOM_CADDY ?? "/usr/bin/caddy";
  return { program, rest: ["run", "--adapter", "caddyfile", "--config", file] };
}

async function apache(folder: string, ports: readonly [number, number]): Promise<Command> {
  // What Debian's packages load, and the guide has people enable.
  const modules = [
    "mpm_event",
    "alias",
    "authz_core",
    "reqtimeout",
    "headers",
    "proxy",
    "proxy_http",
  ];
  const file = join(folder, "apache.conf");
  await writeFile(
    file,
    `ServerRoot ${folder}
    ServerName 127.0.0.1
    PidFile ${folder}/pid
    DefaultRuntimeDir ${folder}
    ErrorLog ${folder}/log
    User nobody
    Group nogroup
    ${modules.map((it) => `LoadModule ${it}_module /usr/lib/apache2/modules/mod_${it}.so`).join("\n")}
    Listen 127.0.0.1:${ports[0]}
    ${await fromTheGuide("Apache", ...ports)}`,
  );
  return { program: "/usr/sbin/apache2", rest: ["-X", "-f", file] };
}

export class ReverseProxy {
  readonly #process: ChildProcess;
  readonly #folder: string;

  private constructor(process: ChildProcess, folder: string) {
    this.#process = process;
    this.#folder = folder;
  }

  /** One that passes what comes to `port` on to `upstream`. */
  static async start(kind: Kind, port: number, upstream: number): Promise<ReverseProxy> {
    const folder = await mkdtemp(join(tmpdir(), `homeroom-${kind.toLowerCase()}-`));
    const set = { nginx, Caddy: caddy, Apache: apache }[kind];
    const { program, rest } = await set(folder, [port, upstream]);
    assertThere(program);
    const child = spawn(program, rest, {
      env: { ...process.env, HOME: folder },
      stdio: ["ignore", "ignore", "pipe"],
    });
    let said = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
    child.on("error", (error) => {
      said += String(error);
    });
    const proxy = new ReverseProxy(child, folder);
    await until(`${kind} listens`, () => {
      assertRuns(child, said);
      return answers(port);
    }).catch(async (error: unknown) => {
      await proxy.stop();
      throw error;
    });
    return proxy;
  }

  async stop(): Promise<void> {
    this.#process.kill("SIGTERM");
    await until("the proxy ends", () => {
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
