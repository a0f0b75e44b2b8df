/** `homeroom loadtest` against a server of its own: the server on core 0, the load on core 1. */

import assert from "node:assert/strict";
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

export const PROGRAM =
  process.env.HOMEROOM_PROGRAM ??
  fileURLToPath(new URL("../../target/release/homeroom", import.meta.url));

const run = promisify(execFile);

/** A server on core 0, and the links it printed. */
async function serve(calls: number): Promise<{ server: ChildProcess; links: string }> {
  const server = spawn(
    "taskset",
    ["-c", "0", PROGRAM, "demo", "--json", "--calls", `${calls}`, "--listen", "127.0.0.1:0"],
    { stdio: ["ignore", "pipe", "ignore"] },
  );
  let links = "";
  assert.ok(server.stdout);
  for await (const text of server.stdout.setEncoding("utf8")) {
    links += text;
    if (links.endsWith("\n")) {
      return { server, links };
    }
  }
  throw new Error("the server ended before it could be used");
}

/** Plays so many calls, with these options more and `others` beside them; gives what it printed, read. */
export async function loadtest(
  calls: number,
  options: readonly string[],
  others = 1,
): Promise<unknown> {
  const folder = await mkdtemp(join(tmpdir(), "homeroom-bench-"));
  const { server, links } = await serve(calls + others);
  try {
    const file = join(folder, "links.json");
    await writeFile(file, links);
    const { stdout } = await run("taskset", [
      ...["-c", "1", PROGRAM, "loadtest", "--json", "--links", file],
      ...["--calls", `${calls}`, "--server-pid", `${server.pid}`, ...options],
    ]);
    return JSON.parse(stdout);
  } finally {
    server.kill("SIGINT");
    await once(server, "exit");
    await rm(folder, { recursive: true });
  }
}
