/**
 * What a flood at the media port does to a call: 200,000 datagrams a second that nobody sent, for 10
 * s, while four people talk. The bar: no more than 1 % of their sound is lost.
 */

import { parseArgs } from "node:util";
import { loadtest } from "./loadtest.ts";

const MOST_LOST = 0.01;

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    rate: { type: "string", default: "200000" },
    seconds: { type: "string", default: "10" },
  },
});

type Flooded = {
  readonly core_percent: number;
  readonly latency_us: { readonly p50: number; readonly p95: number; readonly p99: number };
  readonly sound: { readonly expected: number; readonly lost: number };
  readonly junk: { readonly sent: number; readonly dropped_by_kernel: number | null };
};

const options = ["--seconds", values.seconds, "--junk", values.rate];
const { core_percent, latency_us, sound, junk } = (await loadtest(1, options)) as Flooded;
const share = sound.lost / sound.expected;
const figures = {
  junk_per_second: Math.round(junk.sent / Number(values.seconds)),
  dropped_by_kernel: junk.dropped_by_kernel,
  sound_expected: sound.expected,
  sound_lost: sound.lost,
  sound_lost_percent: Math.round(share * 10_000) / 100,
  latency_p99_us: latency_us.p99,
  core_percent: Math.round(core_percent),
};
if (values.json) {
  console.log(JSON.stringify(figures));
} else {
  console.table(figures);
}
if (share > MOST_LOST) {
  console.error(`more than ${MOST_LOST * 100} % of the sound was lost`);
  process.exitCode = 1;
}
