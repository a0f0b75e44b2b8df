/** What a program of this machine holds in memory. */

import { readFile, writeFile } from "node:fs/promises";

/** What it holds now, or has held at most, KiB. */
export async function resident(pid: number, when: "now" | "most" = "now"): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  const line = when === "now" ? /^VmRSS:\s+(\d+)/m : /^VmHWM:\s+(\d+)/m;
  return Number(line.exec(status)?.[1]);
}

/** The most that it has held is what it holds now (proc_pid_clear_refs(5)). */
export async function forgetMost(pid: number): Promise<void> {
  await writeFile(`/proc/${pid}/clear_refs`, "5");
}
