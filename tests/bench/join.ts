/**
 * How fast people come into a call and out of it, in real pages: from the press on Join to the first
 * packet of somebody's sound and to the first frame of their picture, and from the press on a second
 * device to the word on the page it evicts. With `--rtt` every way between the page and the program,
 * signaling and media alike, has that round trip.
 */

import assert from "node:assert/strict";
import { parseArgs } from "node:util";
import { Network } from "../harness/network.ts";
import { Stage } from "../harness/stage.ts";
import type { TcpProxy } from "../harness/tcp-proxy.ts";
import { PERFECT } from "../harness/udp-relay.ts";
import { until } from "../harness/until.ts";
import type { Visitor } from "../harness/visitor.ts";
import { momentsOf } from "../harness/watch.ts";
import { summary } from "./summary.ts";

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    rounds: { type: "string", default: "2" },
    rtt: { type: "string", default: "0" },
  },
});
const delayMs = Number(values.rtt) / 2;

/** Who sits there, and who comes; each link twice, for more swaps in a minute are slowed down. */
const THERE = 0;
const COME = [1, 2, 3];

/** When the page made this mark, milliseconds since 1970. */
function markOf(visitor: Visitor, name: "join-pressed" | "first-frame" | "first-sound") {
  return until(`${visitor.name} marks ${name}`, () =>
    visitor.page.evaluate((mark) => {
      const entry = performance.getEntriesByName(mark).at(-1);
      return entry && performance.timeOrigin + entry.startTime;
    }, name),
  );
}

/**
 * Runs in the page: marks when the first packet of somebody's sound came. The browser tells of the last
 * one and how many there were; they come every 20 ms. When it is heard the browser decides, later.
 */
function listen(): void {
  const EVERY_MS = 20;
  const look = async () => {
    const connections = window.journey.peers.map(({ connection }) => connection);
    const reports = await Promise.all(connections.map((connection) => connection.getStats()));
    const first = reports
      .flatMap((report) => [...report.values()])
      .filter(({ type, kind, packetsReceived }) => {
        return type === "inbound-rtp" && kind === "audio" && packetsReceived > 0;
      })
      .map(({ packetsReceived, lastPacketReceivedTimestamp }) => {
        return lastPacketReceivedTimestamp - (packetsReceived - 1) * EVERY_MS;
      })
      .sort((one, other) => one - other)
      .at(0);
    if (first === undefined) {
      setTimeout(look, 5);
    } else {
      // The stamp is of the wall clock.
      performance.mark("first-sound", { startTime: first - performance.timeOrigin });
    }
  };
  void look();
}

type Setting = { readonly stage: Stage; readonly proxy: TcpProxy | null };

/** Opens the link by a way of that round trip, and waits until the page is ready for the press. */
async function arrive({ stage, proxy }: Setting, index: number): Promise<Visitor> {
  if (proxy === null) {
    return atRest(await stage.arrives(index));
  }
  const invitation = stage.program.invitation(index);
  const network = new Network({ up: { ...PERFECT, delayMs }, down: { ...PERFECT, delayMs } });
  const visitor = await stage.arrives(index, {
    url: proxy.through(invitation.url),
    prepare: (context) => network.carries(context),
  });
  visitor.page.once("close", () => network.close());
  return atRest(visitor);
}

/** At rest is a page that shows Join, and that a person has had the time to read. */
async function atRest(visitor: Visitor): Promise<Visitor> {
  await visitor.page.getByRole("button", { name: "Join" }).first().waitFor();
  const connected = () =>
    visitor.page.evaluate(() =>
      window.journey.peers.some(({ connection }) => connection.connectionState === "connected"),
    );
  // Where nothing is made ready before the press, there is nothing to wait for.
  await until(`${visitor.name} is connected before the press`, connected, 6_000).catch(() => null);
  await visitor.page.evaluate(() => new Promise((resolve) => requestIdleCallback(resolve)));
  return visitor;
}

async function wordAfter(evicted: Visitor, newer: Visitor): Promise<number> {
  const pressed = await markOf(newer, "join-pressed");
  await evicted.untilState("evicted");
  const word = (await momentsOf(evicted.page)).find(({ state }) => state === "evicted");
  assert.ok(word, "the evicted page has no word");
  return word.at - pressed;
}

const sounds: number[] = [];
const pictures: number[] = [];
const words: number[] = [];

/** Presses Join in a page that is at rest. */
async function join(setting: Setting, index: number): Promise<Visitor> {
  const visitor = await arrive(setting, index);
  await visitor.page.evaluate(listen);
  await visitor.join();
  const pressed = await markOf(visitor, "join-pressed");
  sounds.push((await markOf(visitor, "first-sound")) - pressed);
  pictures.push((await markOf(visitor, "first-frame")) - pressed);
  return visitor;
}

async function round(): Promise<void> {
  const stage = await Stage.set({ chromium: "quick" });
  try {
    const setting = { stage, proxy: delayMs === 0 ? null : await stage.proxy(delayMs) };
    const there = await stage.arrives(THERE, {
      prepare: async (context) => {
        await context.addInitScript(() => {
          window.journey.camera = { width: 320, height: 180, frameRate: 30 };
        });
      },
    });
    await there.join();
    for (const index of COME) {
      const older = await join(setting, index);
      const newer = await join(setting, index);
      words.push(await wordAfter(older, newer));
      await older.vanish();
      await newer.vanish();
    }
  } finally {
    await stage.strike();
  }
}

for (let done = 0; done < Number(values.rounds); done += 1) {
  await round();
}
const inShort = (measured: readonly number[]) => {
  const { median_ms: p50, p95_ms: p95 } = summary(measured);
  return { p50, p95 };
};
const figures = {
  first_sound_ms: inShort(sounds),
  first_picture_ms: inShort(pictures),
  evicted_ms: inShort(words),
};
if (values.json) {
  console.log(JSON.stringify(figures));
} else {
  console.table(figures);
}
