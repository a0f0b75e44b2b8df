/**
 * How soon all is well after a page has left one network for another, its socket cut and its media path silent
 * at one moment, and after either alone. The bars on loopback: sound again, or the socket resumed, p95 no more
 * than 2 s; where the socket alone is lost, no pause of the sound above 500 ms.
 */

import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import type { Page } from "playwright-core";
import { Network } from "../harness/network.ts";
import { untilAllSeeAndHear } from "../harness/progress.ts";
import { Stage } from "../harness/stage.ts";
import { negotiationsOf } from "../harness/watch.ts";
import { summary } from "./summary.ts";

const P95_MS = 2_000;
const LONGEST_PAUSE_MS = 500;

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    rounds: { type: "string", default: "20" },
    lose: { type: "string", default: "both,socket,media" },
  },
});

/** How many packets of sound have come to a page, on all its connections. */
function heard(page: Page): Promise<number> {
  return page.evaluate(async () => {
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
  });
}

/** Waits until more sound has come; gives how long, ms. */
async function soundAgain(page: Page): Promise<number> {
  const began = performance.now();
  // What was under way on the network that was left has come by then.
  await pause(50);
  const before = await heard(page);
  while ((await heard(page)) === before) {
    await pause(20);
  }
  return performance.now() - began;
}

/** The longest time in which no sound came, of so many milliseconds. */
async function longestPause(page: Page, lastingMs: number): Promise<number> {
  const began = performance.now();
  let last = began;
  let longest = 0;
  let before = await heard(page);
  while (performance.now() - began < lastingMs) {
    await pause(20);
    const now = await heard(page);
    if (now !== before) {
      longest = Math.max(longest, performance.now() - last);
      last = performance.now();
      before = now;
    }
  }
  return Math.max(longest, performance.now() - last);
}

/** How long it is until the first word comes by a socket that the page has made since. */
function untilResumed(page: Page): Promise<number> {
  const began = performance.now();
  return new Promise((resolve) => {
    page.once("websocket", (socket) => {
      socket.once("framereceived", () => resolve(performance.now() - began));
    });
  });
}

type Loss = "both" | "socket" | "media";
type Lost = {
  readonly page: Page;
  readonly network: Network;
  readonly cut: () => void;
};
type Had = { readonly took: number; readonly longest?: number };

/** What is lost; each gives how long it is until it is had again, and the longest pause of the sound. */
const LOSSES: Readonly<Record<Loss, (lost: Lost) => Promise<Had>>> = {
  both: async ({ page, network, cut }: Lost) => {
    network.leave();
    cut();
    return { took: await soundAgain(page) };
  },
  media: async ({ page, network }: Lost) => {
    network.leave();
    return { took: await soundAgain(page) };
  },
  socket: async ({ page, cut }: Lost) => {
    const pausing = longestPause(page, P95_MS + 1_000);
    const resuming = untilResumed(page);
    cut();
    return { took: await resuming, longest: await pausing };
  },
};

function isLoss(text: string): text is Loss {
  return text in LOSSES;
}

async function measure(lose: Loss) {
  const stage = await Stage.set();
  const network = new Network();
  const took: number[] = [];
  const pauses: number[] = [];
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
      await pause(3_000);
      const { page } = walker;
      const lost = await LOSSES[lose]({ page, network, cut: () => proxy.cut() });
      took.push(lost.took);
      pauses.push(...(lost.longest === undefined ? [] : [lost.longest]));
    }
    const peer_connections = (await negotiationsOf(walker.page)).length;
    return {
      again: summary(took),
      pauses: pauses.length > 0 ? summary(pauses) : null,
      peer_connections,
    };
  } finally {
    await stage.strike();
  }
}

for (const lose of values.lose.split(",").filter(isLoss)) {
  const figures = await measure(lose);
  console.log(values.json ? JSON.stringify({ lose, ...figures }) : lose, figures);
  if (figures.again.p95_ms > P95_MS || (figures.pauses?.max_ms ?? 0) > LONGEST_PAUSE_MS) {
    console.error(`the bar is missed where ${lose} was lost`);
    process.exitCode = 1;
  }
}
