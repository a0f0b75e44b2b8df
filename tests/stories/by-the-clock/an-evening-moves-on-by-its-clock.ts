/**
 * SCR-4, SCR-12, SCR-13: an appointment of 90 s runs to its end. What the family waited for the teacher
 * is given back, the teacher adds a minute, everybody is warned twice, and at the end three people are in
 * their next two appointments without having pressed anything.
 */

import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { problemsOf } from "../../harness/accessibility.ts";
import { launch } from "../../harness/browsers.ts";
import { withSchool } from "../../harness/evening-story.ts";
import { People } from "../../harness/people.ts";
import type { School } from "../../harness/school.ts";
import { lookAgain } from "../../harness/sleep.ts";
import {
  beginNow,
  FIRST,
  type Links,
  meet,
  NEXT_OF_FAMILY,
  NEXT_OF_TEACHER,
} from "../../harness/two-talks.ts";
import { until } from "../../harness/until.ts";
import { watch } from "../../harness/watch.ts";

const TIMES = {
  slotMs: 90_000,
  /** Room for the minute, and for what is given back. */
  gapMs: 150_000,
};

function endNow(school: School): void {
  const records = new DatabaseSync(`${school.folder}/homeroom.sqlite`, { timeout: 5_000 });
  // As if it had been meant so: shorter than what was given back cannot make it longer again.
  records.prepare("DELETE FROM talks WHERE start_at = (SELECT MAX(start_at) FROM bookings)").run();
  records
    .prepare("UPDATE bookings SET start_at = ?, end_at = ? WHERE slot = 1")
    .run(Date.now() - 60_000, Date.now() - 1_000);
  records.close();
}

/** Everything that the page ever told a screen reader, in order. */
async function listen(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const said: string[] = [];
    Object.defineProperty(window, "said", { value: said });
    const isTold = ({ target }: MutationRecord) =>
      target instanceof Element && target.closest("[role=status]") !== null;
    new MutationObserver((changes) => {
      const added = changes.filter(isTold).flatMap(({ addedNodes }) => [...addedNodes]);
      said.push(...added.map(({ textContent }) => textContent ?? ""));
    }).observe(document, { childList: true, subtree: true });
  });
}

const saidOn = (page: Page): Promise<string[]> =>
  page.evaluate(() => [...(window as unknown as { said: string[] }).said]);

/** What was told since the end moved last: then each warning is told anew. */
async function saidSinceItMoved(page: Page): Promise<string[]> {
  const said = await saidOn(page);
  return said.slice(said.findLastIndex((one) => /added a minute$/.test(one)) + 1);
}

const hears = (page: Page, words: RegExp) =>
  until(`${words} is told`, async () => (await saidOn(page)).some((one) => words.test(one)));

async function isIn(page: Page, title: string): Promise<void> {
  await page.getByRole("heading", { level: 1, name: title, exact: true }).waitFor();
  await until(`the call "${title}" is shown`, async () => {
    return (await page.locator("main").getAttribute("data-state")) === "call";
  });
}

async function join(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Join", exact: true }).first().click();
  await isIn(page, FIRST);
}

type Visit = { readonly parent: Page; readonly guest: Page; readonly teacher: Page };

const seconds = (text: string | null) => {
  const [, minute, second] = /(\d+):(\d\d)/.exec(text ?? "") ?? [];
  return Number(minute) * 60 + Number(second);
};

/** The family waits, and what it waits is given back; the teacher adds a minute; all of them see it. */
async function theEndMoves({ parent, guest, teacher }: Visit): Promise<void> {
  await join(parent);
  await join(guest);
  await parent
    .getByRole("timer")
    .getByText(/^[01]:\d\d left$/)
    .waitFor();
  await join(teacher);
  for (const page of [parent, guest]) {
    await hears(page, /^The appointment is up to .* longer, because it began late$/);
    assert.equal(await page.getByRole("button", { name: "Add a minute" }).count(), 0);
  }
  const before = seconds(await teacher.getByRole("timer").textContent());
  await teacher.getByRole("button", { name: "Add a minute" }).click();
  // Looked for at once: a minute is more than runs out of it meanwhile.
  await until("the clock shows it", async () => {
    return seconds(await teacher.getByRole("timer").textContent()) > before + 20;
  });
  await hears(teacher, /^You have added a minute$/);
  for (const page of [parent, guest]) {
    await hears(page, /^Ms Okafor has added a minute$/);
  }
}

/** What is written is read by the others, with links that say where they lead; a teacher mutes. */
async function theyWriteAndMute({ parent, teacher }: Visit): Promise<void> {
  await teacher.getByRole("button", { name: "Chat" }).click();
  await teacher.getByLabel("Write to everybody in the call").fill("See https://books.example/8b.");
  await teacher.getByRole("button", { name: "Send" }).click();
  await hears(parent, /^Ms Okafor writes: See https:\/\/books\.example\/8b\.$/);
  await parent.getByRole("button", { name: "Chat (1 new)" }).click();
  const link = parent.getByRole("link", { name: "https://books.example/8b", exact: true });
  assert.equal(await link.getAttribute("rel"), "noopener noreferrer nofollow");
  assert.deepEqual(await problemsOf(parent), []);
  assert.deepEqual(await problemsOf(teacher), []);
  await teacher.getByRole("button", { name: "Mute Maria Santos" }).click();
  await parent.getByText("Ms Okafor has muted you. Only you can").first().waitFor();
  const microphone = parent.getByRole("button", { name: "Microphone", exact: true });
  await until("it is off", async () => (await microphone.getAttribute("aria-pressed")) === "false");
  await microphone.click();
  await until("it is on", async () => (await microphone.getAttribute("aria-pressed")) === "true");
}

async function untilWarned(all: readonly Page[], words: RegExp): Promise<void> {
  for (const page of all) {
    await until(
      `${words} is told`,
      async () => (await saidSinceItMoved(page)).some((one) => words.test(one)),
      200_000,
    );
  }
}

/** A page that is drawn late tells how much is left then. */
async function theyAreWarned(all: readonly Page[]): Promise<void> {
  await untilWarned(all, /^(60|[45]\d) seconds left$/);
  // From here to the end: the last seconds of it are no time to look for anything.
  for (const page of all) {
    await page.locator(".countdown.near").waitFor();
  }
  await untilWarned(all, /^(10|\d) seconds? left$/);
}

async function soundComes(page: Page): Promise<void> {
  await until("sound comes", async () => {
    const slots = await page.evaluate(async () => {
      const { homeroom } = window as unknown as {
        homeroom: { stats(): Promise<{ slots: { audio: { packetsReceived: number } }[] }> };
      };
      return (await homeroom.stats()).slots.map(({ audio }) => audio.packetsReceived);
    });
    return slots.some((packets) => packets > 20);
  });
}

const connectionsMade = (pages: readonly Page[]) =>
  Promise.all(pages.map((page) => page.evaluate(() => window.journey.peers.length)));

/** Nobody presses anything; what was written stays behind. */
async function theyGoOn({ parent, guest, teacher }: Visit, made: readonly number[]): Promise<void> {
  await Promise.all([
    isIn(parent, NEXT_OF_FAMILY),
    isIn(guest, NEXT_OF_FAMILY),
    isIn(teacher, NEXT_OF_TEACHER),
  ]);
  const all = [parent, guest, teacher];
  assert.deepEqual(await connectionsMade(all), made, "one connection serves in both");
  for (const page of all) {
    await page.getByText(/^Your last appointment is over\./).waitFor();
    const told = (await saidSinceItMoved(page)).filter((one) => / seconds? left$/.test(one));
    assert.equal(told.length, 2, `each warning once: ${told}`);
    assert.equal(await page.getByText("https://books.example/8b").count(), 0);
  }
  await parent.locator(".tile", { hasText: "Paulo Santos" }).waitFor();
  await guest.locator(".tile", { hasText: "Maria Santos" }).waitFor();
  await soundComes(parent);
  await soundComes(guest);
  await parent.getByText(/^Mr Lindqvist is not there yet\./).waitFor();
}

type Browsers = { readonly people: People; readonly firefox: People };

async function anEvening(school: School, links: Links, { people, firefox }: Browsers) {
  const opened = async (link: string) => {
    const page = await (link === links.parent ? firefox : people).somebody();
    await watch(page.context());
    await listen(page);
    return { link, page };
  };
  const pages = await Promise.all([links.parent, links.guest, links.teacher].map(opened));
  const [parent, guest, teacher] = pages.map(({ page }) => page);
  assert.ok(parent && guest && teacher);
  const visit = { parent, guest, teacher };
  await Promise.all(
    pages.map(async ({ page, link }) => {
      await page.goto(link);
      await page.locator("[data-appointment]").first().waitFor();
    }),
  );
  // All are open before the time runs, however long that took.
  beginNow(school, TIMES);
  await Promise.all(pages.map(({ page }) => lookAgain(page)));
  await theEndMoves(visit);
  await theyWriteAndMute(visit);
  await theyAreWarned([parent, guest, teacher]);
  await theyGoOn(visit, await connectionsMade([parent, guest, teacher]));
  endNow(school);
  for (const page of [parent, guest]) {
    await page.getByRole("heading", { level: 1, name: "Your time is up" }).waitFor();
    await page.getByText("You have no further appointment this evening.").waitFor();
  }
  await parent.getByRole("button", { name: "My Bookings" }).click();
  await parent.getByRole("heading", { level: 1, name: "My Bookings" }).waitFor();
  await parent.getByText("Held", { exact: true }).waitFor();
}

// Its clock alone takes almost three minutes, however fast the machine is.
const limit = { timeout: 360_000 };

test("an appointment runs by its clock, and three people go on to two", limit, () =>
  withSchool("the evening's clock", async (school, people) => {
    const links = await meet(school);
    // The parent has another browser than the others.
    const firefox = new People(await launch("firefox", "pages"), school.origin, "firefox");
    try {
      await anEvening(school, links, { people, firefox });
    } finally {
      await firefox.leave();
    }
  }),
);
