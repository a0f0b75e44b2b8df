/**
 * A person on a bad network, in a real browser and by its own statistics. Two are in a call; one
 * sends a picture of 720 lines, and the other one's network is made bad:
 *
 * - `loss`: 5 % lost each way. The bars: of pictures no more than 1.5 packets sent again for each
 *   lost, less than 2 % of the sound made up, no frame more than 500 ms after the one before.
 * - `narrow`: 300 kbit/s down. No sound is lost, the picture steps down within 3 s, and is back
 *   within 15 s of the end.
 * - `voice`: 60 kbit/s down. Sound alone, and the page says so.
 */

import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { Network } from "../harness/network.ts";
import { untilAllSeeAndHear } from "../harness/progress.ts";
import { Stage } from "../harness/stage.ts";
import { type Carried, PERFECT, type UdpRelay } from "../harness/udp-relay.ts";
import type { Visitor } from "../harness/visitor.ts";
import { type Look, timeFrames, watchFor } from "./reception.ts";

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    seconds: { type: "string", default: "20" },
    only: { type: "string" },
  },
});

/** What was found of one bar. */
type Found = { readonly what: string; readonly found: number | boolean; readonly holds: boolean };

type Scene = { readonly person: Visitor; readonly slot: number; readonly relay: UdpRelay };

const SECONDS = Number(values.seconds);

/** How long the estimates of both ends take to settle before anything is made bad, seconds. */
const SETTLE_SECONDS = 12;

function ends(looks: readonly Look[]): { first: Look; last: Look } {
  const [first, last] = [looks.at(0), looks.at(-1)];
  if (first === undefined || last === undefined) {
    throw new Error("nothing was looked at");
  }
  return { first, last };
}

function soundOf(looks: readonly Look[]) {
  const { first, last } = ends(looks);
  const samples = last.sound.samples - first.sound.samples;
  return {
    lost: last.sound.lost - first.sound.lost,
    received: last.sound.received - first.sound.received,
    concealed: (last.sound.concealed - first.sound.concealed) / Math.max(samples, 1),
  };
}

function under(what: string, found: number, most: number): Found {
  return { what, found: Math.round(found * 1_000) / 1_000, holds: found <= most };
}

function countOf(relay: UdpRelay, ssrc: number | null): Carried {
  return { ...(relay.streams.get(ssrc ?? -1) ?? { carried: 0, lost: 0 }) };
}

async function loss({ person, slot, relay }: Scene): Promise<Found[]> {
  const [{ picture }] = (await watchFor(person.page, slot, 0)) as [Look];
  const before = [countOf(relay, picture.ssrc), countOf(relay, picture.repairSsrc)] as const;
  const lossy = { ...PERFECT, loss: 0.05 };
  relay.become({ up: lossy, down: lossy });
  const looks = await watchFor(person.page, slot, SECONDS);
  relay.become({ up: PERFECT, down: PERFECT });
  const media = countOf(relay, picture.ssrc);
  const repair = countOf(relay, picture.repairSsrc);
  const lost = media.lost - before[0].lost + repair.lost - before[1].lost;
  const again = repair.carried + repair.lost - before[1].carried - before[1].lost;
  const sound = soundOf(looks);
  return [
    under("sent again for each lost", again / Math.max(lost, 1), 1.5),
    { what: "lost", found: lost, holds: lost > 0 },
    under("sound made up, share", sound.concealed, 0.02),
    under("longest pause between frames, ms", Math.max(...looks.map(({ pause }) => pause)), 500),
  ];
}

/** When the picture was first less high than `height`, or again as high, ms after `began`. */
function moment(looks: readonly Look[], began: number, holds: (look: Look) => boolean): number {
  const look = looks.find((look) => look.at > began && holds(look));
  return look === undefined ? Number.POSITIVE_INFINITY : look.at - began;
}

async function narrow({ person, slot, relay }: Scene): Promise<Found[]> {
  const usual = ends(await watchFor(person.page, slot, 2)).last.picture.height;
  const began = Date.now();
  relay.become({ down: { ...PERFECT, rateKbit: 300 } });
  const during = await watchFor(person.page, slot, SECONDS);
  relay.become({ down: PERFECT });
  const ended = Date.now();
  const after = await watchFor(person.page, slot, 20);
  const { first, last } = ends(during.slice(Math.floor(during.length / 2)));
  const kbit = ((last.picture.bytes - first.picture.bytes) * 8) / (last.at - first.at);
  return [
    { what: "lines before", found: usual, holds: usual > 0 },
    under("sound lost, packets", soundOf(during).lost, 0),
    under(
      "stepped down after, ms",
      moment(during, began, (look) => look.picture.height < usual),
      3_000,
    ),
    { what: "lines at the end", found: last.picture.height, holds: last.picture.height > 0 },
    under("picture, kbit/s", kbit, 300),
    under(
      "back after, ms",
      moment(after, ended, (look) => look.picture.height >= usual),
      15_000,
    ),
  ];
}

async function voice({ person, slot, relay }: Scene): Promise<Found[]> {
  const texts = new URL("../../web/src/text/en.json", import.meta.url);
  const { call_weak_network, call_pictures_paused } = JSON.parse(await readFile(texts, "utf8"));
  relay.become({ down: { ...PERFECT, rateKbit: 60 } });
  const during = await watchFor(person.page, slot, SECONDS);
  const banner = person.page.locator(".banner");
  const says = (
    await Promise.all(
      [call_weak_network, call_pictures_paused].map((words: string) =>
        banner.filter({ hasText: words }).first().isVisible(),
      ),
    )
  ).includes(true);
  relay.become({ down: PERFECT });
  const half = during.slice(Math.floor(during.length / 2));
  const { first, last } = ends(half);
  const sound = soundOf(half);
  const expected = sound.received + sound.lost;
  return [
    under("sound lost, share", sound.lost / Math.max(expected, 1), 0.02),
    under("sound made up, share", sound.concealed, 0.05),
    under("frames in the second half", last.picture.frames - first.picture.frames, 0),
    { what: "the page says so", found: says, holds: says },
  ];
}

const SCENES = { loss, narrow, voice };

const HD = { width: 1_280, height: 720, frameRate: 15 };

async function play(name: keyof typeof SCENES): Promise<Found[]> {
  const stage = await Stage.set();
  const network = new Network();
  stage.afterwards(() => network.close());
  try {
    const sender = await stage.arrives(1, {
      prepare: async (context) => {
        await context.addInitScript((camera) => {
          Object.assign(window.journey, { camera });
        }, HD);
      },
    });
    await sender.join();
    const person = await stage.arrives(0, { prepare: (context) => network.carries(context) });
    // Wide enough that the tile shows the highest layer.
    await person.page.setViewportSize({ width: 1_600, height: 1_000 });
    await person.join();
    await untilAllSeeAndHear([sender, person]);
    const slot = await person.slotOf(sender.name);
    await timeFrames(person.page, slot);
    await watchFor(person.page, slot, SETTLE_SECONDS);
    return await SCENES[name]({ person, slot, relay: network.relay });
  } finally {
    await stage.strike();
  }
}

let broken = 0;
for (const name of ["loss", "narrow", "voice"] as const) {
  if (values.only !== undefined && values.only !== name) {
    continue;
  }
  const found = await play(name);
  broken += found.filter(({ holds }) => !holds).length;
  if (values.json) {
    console.log(JSON.stringify({ scene: name, found }));
  } else {
    console.log(name);
    console.table(found);
  }
}
process.exitCode = broken > 0 ? 1 : 0;
