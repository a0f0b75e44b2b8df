/**
 * From the end of one appointment to sound in the next (SCR-12): nobody presses anything. A parent, their
 * guest and a teacher leave one talk together, the family for its next teacher, the teacher for the next
 * family, who are there already.
 */

import { parseArgs } from "node:util";
import type { Page } from "playwright-core";
import { withSchool } from "../harness/evening-story.ts";
import { beginNow, meet } from "../harness/two-talks.ts";
import { until } from "../harness/until.ts";
import { watch } from "../harness/watch.ts";
import { summary } from "./summary.ts";

const { values } = parseArgs({
  options: { json: { type: "boolean", default: false }, rounds: { type: "string", default: "7" } },
});

/** Long enough for five people to come in before it ends. */
const TIMES = { slotMs: 30_000, gapMs: 60_000 };

/**
 * Runs in the page: marks the word that the time is up, and the first sound after the page was let into
 * what comes next.
 */
function listen(): void {
  class Watched extends WebSocket {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols);
      this.addEventListener("message", ({ data }) => {
        const isOver = performance.getEntriesByName("time-up").length > 0;
        if (String(data).includes('"time_up"')) {
          performance.mark("time-up");
        } else if (isOver && JSON.parse(String(data)).type === "joined") {
          performance.mark("next-joined");
        }
      });
    }
  }
  window.WebSocket = Watched;
  const look = () => {
    const joined = performance.getEntriesByName("next-joined").at(0)?.startTime;
    const [first] = window.journey.peers
      .flatMap(({ connection }) => connection.getReceivers())
      .filter(({ track }) => track.kind === "audio")
      .flatMap((receiver) => receiver.getSynchronizationSources())
      .map(({ timestamp }) => timestamp - performance.timeOrigin)
      .filter((heard) => joined !== undefined && heard > joined)
      .sort((one, other) => one - other);
    if (first === undefined) {
      setTimeout(look, 4);
    } else {
      performance.mark("next-sound", { startTime: first });
    }
  };
  addEventListener("load", look);
}

const isIn = (page: Page) =>
  until("the call is shown", async () => {
    return (await page.locator("main").getAttribute("data-state")) === "call";
  });

const took: number[] = [];

function round(): Promise<void> {
  return withSchool("from one appointment to the next", async (school, people) => {
    const links = await meet(school);
    const opened = async (link: string) => {
      const page = await people.somebody();
      await watch(page.context());
      await page.addInitScript(listen);
      return { link, page };
    };
    const waiting = await Promise.all([links.nextTeacher, links.nextParent].map(opened));
    const movers = await Promise.all([links.parent, links.guest, links.teacher].map(opened));
    beginNow(school, TIMES);
    for (const { page, link } of [...waiting, ...movers]) {
      await page.goto(link);
      await page.getByRole("button", { name: "Join", exact: true }).first().click();
      await isIn(page);
    }
    for (const { page } of movers) {
      const mark = (name: string) =>
        until(
          `${name} is marked`,
          () => page.evaluate((mark) => performance.getEntriesByName(mark).at(0)?.startTime, name),
          90_000,
        );
      const ended = await mark("time-up");
      took.push((await mark("next-sound")) - ended);
    }
  });
}

for (let done = 0; done < Number(values.rounds); done += 1) {
  await round();
}
const { median_ms: p50, p95_ms: p95 } = summary(took);
const figures = { sound_ms: { p50, p95 } };
if (values.json) {
  console.log(JSON.stringify(figures));
} else {
  console.table(figures);
}
