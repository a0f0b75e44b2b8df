/** What a program of this machine holds in memory. */

import { readFile, writeFile } from "node:fs/promises";

const LINES = {
  now: /^VmRSS:\s+(\d+)/m,
  most: /^VmHWM:\s+(\d+)/m,
  own: /^RssAnon:\s+(\d+)/m,
} as const;

/** What it holds now, or has held at most, or holds now that is of no file, KiB. */
export async function resident(pid: number, what: keyof typeof LINES = "now"): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(LINES[what].exec(status)?.[1]);
}

/** The most that it has held is what it holds now (proc_pid_clear_refs(5)). */
export async function forgetMost(pid: number): Promise<void> {
  await writeFile(`/proc/${pid}/clear_refs`, "5");
}
