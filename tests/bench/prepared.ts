/**
 * What pages cost that are connected before the press (SCR-11): 1,000 of them beside ten calls, and the
 * same calls without them, in turn. The bars: 60 KB for each, no packet to any of them, and the calls'
 * figures as they were, within 5 %.
 */

import assert from "node:assert/strict";
import { parseArgs } from "node:util";
import { loadtest } from "./loadtest.ts";

/** How many links a call of the demonstration has, and how many connections a link may have ready. */
const OF_A_CALL = 5 * 2;

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    prepared: { type: "string", default: "1000" },
    calls: { type: "string", default: "10" },
    rounds: { type: "string", default: "3" },
    seconds: { type: "string", default: "8" },
  },
});

type Measured = {
  readonly cpu_us_per_forwarded: number;
  readonly latency_us: { readonly p99: number };
  readonly lost: number;
  readonly prepared: { readonly kb_each: number; readonly packets: number } | null;
};

const count = Number(values.prepared);
const pages = Math.ceil(count / OF_A_CALL);

async function measure(prepared: number): Promise<Measured> {
  const options = ["--seconds", values.seconds, "--prepared", `${prepared}`];
  return (await loadtest(Number(values.calls), options, pages)) as Measured;
}

const costs: number[] = [];
const waits: number[] = [];
const sizes: number[] = [];
for (let done = 0; done < Number(values.rounds); done += 1) {
  const without = await measure(0);
  const beside = await measure(count);
  assert.equal(beside.prepared?.packets, 0, "media came to somebody before the press");
  costs.push(beside.cpu_us_per_forwarded / without.cpu_us_per_forwarded);
  waits.push(beside.latency_us.p99 / without.latency_us.p99);
  sizes.push(beside.prepared.kb_each);
}
function median(figures: readonly number[]): number {
  const middle = figures.toSorted((one, other) => one - other).at(figures.length >> 1);
  assert.ok(middle !== undefined, "nothing was measured");
  return Math.round(middle * 100) / 100;
}

const figures = {
  prepared: count,
  kb_each: median(sizes),
  cpu_ratio: median(costs),
  latency_p99_ratio: median(waits),
};
console.log(values.json ? JSON.stringify(figures) : figures);
