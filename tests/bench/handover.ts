/**
 * How soon sound is back after a page has left one network for another, its socket cut and its media
 * path silent at one moment. The bar on loopback: p95 no more than 2 s.
 */

import { parseArgs } from "node:util";
import type { Page } from "playwright-core";
import { Network } from "../harness/network.ts";
import { untilAllSeeAndHear } from "../harness/progress.ts";
import { Stage } from "../harness/stage.ts";
import { negotiationsOf } from "../harness/watch.ts";
import { summary } from "./summary.ts";

const P95_MS = 2_000;

const { values } = parseArgs({
  options: { json: { type: "boolean", default: false }, rounds: { type: "string", default: "20" } },
});

/** Runs in the page: waits until more sound has come on any connection; gives how long, ms. */
async function soundAgain(): Promise<number> {
  const packets = async () => {
    let sum = 0;
    for (const { connection } of window.journey.peers) {
      const stats = await connection.getStats();
      stats.forEach((entry: RTCInboundRtpStreamStats) => {
        if (entry.type === "inbound-rtp" && entry.kind === "audio") {
          sum += entry.packetsReceived ?? 0;
        }
      });
    }
    return sum;
  };
  // What was under way on the network that was left has come by now.
  const began = performance.now();
  const pause = () => new Promise((resolve) => setTimeout(resolve, 50));
  await pause();
  const before = await packets();
  while ((await packets()) === before) {
    await pause();
  }
  return performance.now() - began;
}

async function handOver(page: Page, network: Network, cut: () => void): Promise<number> {
  network.leave();
  cut();
  return page.evaluate(soundAgain);
}

const stage = await Stage.set();
const network = new Network();
const took: number[] = [];
let connections = 0;
try {
  stage.afterwards(() => network.close());
  const proxy = await stage.proxy();
  const others = await stage.seats([1]);
  const url = proxy.through(stage.program.invitation(0).url);
  const walker = await stage.arrives(0, { url, prepare: (context) => network.carries(context) });
  await walker.join();
  for (let done = 0; done < Number(values.rounds); done += 1) {
    await untilAllSeeAndHear([walker, ...others]);
    // A flow is steady after two seconds.
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    took.push(await handOver(walker.page, network, () => proxy.cut()));
  }
  connections = (await negotiationsOf(walker.page)).length;
} finally {
  await stage.strike();
}
const figures = { sound_again: summary(took), peer_connections: connections };
if (values.json) {
  console.log(JSON.stringify(figures));
} else {
  console.table(figures.sound_again);
  console.log(`by ${connections} peer connection${connections === 1 ? "" : "s"}`);
}
if (figures.sound_again.p95_ms > P95_MS) {
  console.error(`p95 is above ${P95_MS} ms`);
  process.exitCode = 1;
}
