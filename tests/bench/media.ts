/**
 * What forwarding costs: "room4" (calls of four, each sending sound and a picture of 1.0 Mbit/s) at
 * several numbers of calls, with the server on core 0 and the load on core 1, and the floor (the
 * least work any server must do for a forwarded packet) in the same minute. Only ratios of one run
 * can be compared: a machine's speed changes from minute to minute.
 */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { appendFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { loadtest, PROGRAM } from "./loadtest.ts";

const KEPT = fileURLToPath(new URL("media.jsonl", import.meta.url));

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    keep: { type: "boolean", default: false },
    "aes-cm": { type: "boolean", default: false },
    calls: { type: "string", default: "1,5,10,20,40" },
    seconds: { type: "string", default: "8" },
  },
});

type Measured = {
  readonly calls: number;
  readonly join_ms: { readonly p50: number; readonly p95: number };
  readonly latency_us: { readonly p50: number; readonly p95: number; readonly p99: number };
  readonly lost: number;
  readonly misrouted: number;
  readonly expected: number;
  readonly cpu_us_per_forwarded: number;
  readonly core_percent: number;
  readonly kb_per_participant: number;
  readonly idle_mb: number;
};

type Row = Measured & { readonly floor_us: number; readonly ratio: number };

const run = promisify(execFile);
const profile = values["aes-cm"] ? ["--aes-cm"] : [];

async function floor(): Promise<number> {
  const { stdout } = await run(PROGRAM, [
    "loadtest",
    "--floor",
    "--json",
    "--seconds",
    "2",
    ...profile,
  ]);
  return (JSON.parse(stdout) as { floor_us: number }).floor_us;
}

async function measure(calls: number): Promise<Row> {
  const floor_us = await floor();
  const measured = (await loadtest(calls, ["--seconds", values.seconds, ...profile])) as Measured;
  assert.equal(measured.misrouted, 0, "a packet reached somebody it was not for");
  return { ...measured, floor_us, ratio: measured.cpu_us_per_forwarded / floor_us };
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}

const rows: Row[] = [];
for (const calls of values.calls.split(",").map(Number)) {
  const row = await measure(calls);
  rows.push(row);
  const line = JSON.stringify(row);
  if (values.json) {
    console.log(line);
  }
  if (values.keep) {
    await appendFile(KEPT, `${JSON.stringify({ at: new Date().toISOString(), ...row })}\n`);
  }
}
if (!values.json) {
  console.table(
    rows.map((row) => ({
      calls: row.calls,
      "µs a packet": rounded(row.cpu_us_per_forwarded),
      "floor µs": rounded(row.floor_us),
      ratio: rounded(row.ratio),
      "core %": Math.round(row.core_percent),
      "latency µs p50/p95/p99": `${row.latency_us.p50}/${row.latency_us.p95}/${row.latency_us.p99}`,
      "join ms p50/p95": `${rounded(row.join_ms.p50)}/${rounded(row.join_ms.p95)}`,
      lost: row.lost,
      "KB a participant": Math.round(row.kb_per_participant),
      "MB idle": rounded(row.idle_mb),
    })),
  );
}
