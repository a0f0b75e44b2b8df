/**
 * How fast people come into a call of four and out of it, in real pages: from the press on Join to
 * the first frame of somebody already there, and from the press on a second device to the word on
 * the page it evicts.
 */

import assert from "node:assert/strict";
import { parseArgs } from "node:util";
import { untilAllSeeAndHear } from "../harness/progress.ts";
import { Stage } from "../harness/stage.ts";
import { until } from "../harness/until.ts";
import type { Visitor } from "../harness/visitor.ts";
import { momentsOf } from "../harness/watch.ts";
import { summary } from "./summary.ts";

const { values } = parseArgs({
  options: { json: { type: "boolean", default: false }, rounds: { type: "string", default: "5" } },
});

/** When the page made this mark, milliseconds since 1970. */
function markOf(visitor: Visitor, name: "join-pressed" | "first-frame"): Promise<number> {
  return until(`${visitor.name} marks ${name}`, () =>
    visitor.page.evaluate((mark) => {
      const entry = performance.getEntriesByName(mark).at(-1);
      return entry && performance.timeOrigin + entry.startTime;
    }, name),
  );
}

async function firstFrameAfter(visitor: Visitor): Promise<number> {
  const pressed = await markOf(visitor, "join-pressed");
  return (await markOf(visitor, "first-frame")) - pressed;
}

async function wordAfter(evicted: Visitor, newer: Visitor): Promise<number> {
  const pressed = await markOf(newer, "join-pressed");
  const word = (await momentsOf(evicted.page)).find(({ state }) => state === "evicted");
  assert.ok(word, "the evicted page has no word");
  return word.at - pressed;
}

/**
 * Opens a link, lets the page come to rest as it does before a person has read it, joins. At rest is
 * a page that shows Join and has nothing left to do.
 */
async function joinAtRest(stage: Stage, index: number): Promise<Visitor> {
  const visitor = await stage.arrives(index);
  await visitor.page.waitForLoadState("load");
  await visitor.page.getByRole("button", { name: "Join" }).first().waitFor();
  await visitor.page.evaluate(() => new Promise((resolve) => requestIdleCallback(resolve)));
  await visitor.join();
  return visitor;
}

/** One call of four, and each of its seats taken over once. */
async function round(firstFrames: number[], words: number[]): Promise<void> {
  const stage = await Stage.set();
  try {
    const four: Visitor[] = [];
    for (const index of [0, 1, 2, 3]) {
      const visitor = await joinAtRest(stage, index);
      if (four.length > 0) {
        firstFrames.push(await firstFrameAfter(visitor));
      }
      four.push(visitor);
      if (four.length > 1) {
        await untilAllSeeAndHear(four);
      }
    }
    for (const [index, seated] of four.entries()) {
      const newer = await joinAtRest(stage, index);
      await seated.untilState("evicted");
      words.push(await wordAfter(seated, newer));
      await seated.vanish();
    }
  } finally {
    await stage.strike();
  }
}

const firstFrames: number[] = [];
const words: number[] = [];
for (let done = 0; done < Number(values.rounds); done += 1) {
  await round(firstFrames, words);
}
const figures = {
  join_to_first_frame: summary(firstFrames),
  press_to_evicted_word: summary(words),
};
if (values.json) {
  console.log(JSON.stringify(figures));
} else {
  console.table(figures);
}
