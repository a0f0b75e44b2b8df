/** A server of its own on an empty data folder, the office signed in, with no limits by address. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { Api } from "../harness/api.ts";
import { PROGRAM } from "./loadtest.ts";

/** Runs `use` with it, and ends it whatever comes of that. */
export async function withEmptySchool<T>(
  use: (api: Api, pid: number, folder: string) => Promise<T>,
  settings: Readonly<Record<string, string>> = {},
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "homeroom-bench-"));
  const child = spawn(PROGRAM, ["serve", "--listen", "127.0.0.1:0"], {
    cwd: folder,
    env: {
      ...process.env,
      HOMEROOM__MEDIA__LISTEN: "127.0.0.1:0",
      HOMEROOM__LIMITS__REQUESTS_PER_ADDRESS_PER_MIN: "1000000",
      HOMEROOM__LIMITS__CONNECTIONS_PER_ADDRESS_PER_S: "100000",
      ...settings,
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const setup = await setUpLink(child.stdout);
  const api = new Api(new URL(setup).origin);
  try {
    await api.setUp(setup);
    return await use(api, child.pid ?? 0, folder);
  } finally {
    api.close();
    const ended = once(child, "exit");
    child.kill("SIGINT");
    await ended;
    await rm(folder, { recursive: true, force: true });
  }
}

/** What the program prints at its first start. */
async function setUpLink(output: Readable): Promise<string> {
  let said = "";
  for await (const text of output) {
    said += String(text);
    const [link] = /http:\/\/\S+\/setup#\S+/.exec(said) ?? [];
    if (link !== undefined) {
      return link;
    }
  }
  throw new Error(`it printed no set-up link: ${said}`);
}
