/**
 * What forwarding costs: "room4" (calls of four, each sending sound and a picture of 1.0 Mbit/s) at
 * several numbers of calls, with the server on core 0 and the load on core 1, and in the same minute
 * two floors: the least work any server must do for a forwarded packet of a frame, and for one of
 * just these calls with their single packets and their gaps. Only ratios of one run can be compared: a machine's speed changes from minute to minute.
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

type Row = Measured & {
  readonly floor_us: number;
  readonly ratio: number;
  readonly mix_floor_us: number;
  readonly mix_ratio: number;
};

const run = promisify(execFile);
const profile = values["aes-cm"] ? ["--aes-cm"] : [];

async function floor(options: readonly string[]): Promise<Record<string, number>> {
  const floor = ["loadtest", "--floor", "--json", ...options, ...profile];
  const { stdout } = await run(PROGRAM, floor);
  return JSON.parse(stdout) as Record<string, number>;
}

async function measure(calls: number): Promise<Row> {
  const { floor_us = Number.NaN } = await floor(["--seconds", "2"]);
  const mix = ["--mix", "--calls", `${calls}`, "--seconds", values.seconds];
  const { mix_floor_us = Number.NaN } = await floor(mix);
  const measured = (await loadtest(calls, ["--seconds", values.seconds, ...profile])) as Measured;
  assert.equal(measured.misrouted, 0, "a packet reached somebody it was not for");
  const spent = measured.cpu_us_per_forwarded;
  return {
    ...measured,
    floor_us,
    ratio: spent / floor_us,
    mix_floor_us,
    mix_ratio: spent / mix_floor_us,
  };
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
      "mix floor µs": rounded(row.mix_floor_us),
      "mix ratio": rounded(row.mix_ratio),
      "core %": Math.round(row.core_percent),
      "latency µs p50/p95/p99": `${row.latency_us.p50}/${row.latency_us.p95}/${row.latency_us.p99}`,
      "join ms p50/p95": `${rounded(row.join_ms.p50)}/${rounded(row.join_ms.p95)}`,
      lost: row.lost,
      "KB a participant": Math.round(row.kb_per_participant),
      "MB idle": rounded(row.idle_mb),
    })),
  );
}
