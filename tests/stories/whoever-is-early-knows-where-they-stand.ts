/**
 * WAIT-5, SCR-4: whoever is early reads who comes before them and where their teacher is, says that they are
 * here, and is told by title and sound when it is their turn, also in a hidden tab. A teacher sees at one
 * glance who waits, who is next and how late it is, also in a call, has a private line for each child, and
 * once the family has left goes to the next that waits by one press. SCR-11: how good the connection before the press is.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { problemsOf } from "../harness/accessibility.ts";
import { Api, linkOf } from "../harness/api.ts";
import { withSchool } from "../harness/evening-story.ts";
import { press, untilAt, untilReads } from "../harness/form.ts";
import { lookAgain } from "../harness/sleep.ts";
import { beginNow, FIRST, meet, NEXT_OF_TEACHER } from "../harness/two-talks.ts";
import { until } from "../harness/until.ts";

const TIMES = { slotMs: 600_000, gapMs: 0 };
const LINE = "Reads well, likes fractions";
const THEIRS = "Ask about the reading list";

declare global {
  interface Window {
    /** How often the page has begun to make a sound of its own. */
    sounds: number;
  }
}

async function countSounds(page: Page): Promise<void> {
  await page.addInitScript(() => {
    window.sounds = 0;
    window.AudioContext = class extends AudioContext {
      constructor(options?: AudioContextOptions) {
        super(options);
        window.sounds += 1;
      }
    };
  });
}

const show = (page: Page, value: "hidden" | "visible") =>
  page.evaluate((value) => {
    Object.defineProperty(document, "visibilityState", { configurable: true, value });
    document.dispatchEvent(new Event("visibilitychange"));
  }, value);

const glance = (page: Page, label: string) =>
  page.locator(".glance > div", { hasText: label }).locator("dd");

const untilGlance = (page: Page, label: string, words: RegExp) =>
  until(`${label} reads ${words}`, async () =>
    words.test((await glance(page, label).textContent()) ?? ""),
  );

async function isIn(page: Page, title: string): Promise<void> {
  await untilAt(page, title);
  await page.locator('main[data-state="call"]').waitFor();
}

/** Omar's is the second of Ms Okafor's appointments. */
async function isEarly(omar: Page): Promise<void> {
  await untilReads(omar, "One family comes before you.");
  await omar.getByText("Ms Okafor is not there yet.").waitFor();
  const here = omar.getByRole("button", { name: "I am here", exact: true });
  assert.equal(await here.getAttribute("aria-pressed"), "false");
  await here.click();
  await omar.getByRole("status").getByText("The school can see that you are here.").waitFor();
  assert.equal(await here.getAttribute("aria-pressed"), "true");
  assert.deepEqual(await problemsOf(omar), []);
}

/** `writes` a line in her place, as on another device, between her beginning to write and saving. */
async function seesAll(
  teacher: Page,
  writes: (booking: string, note: string) => Promise<void>,
): Promise<void> {
  await untilGlance(teacher, "Waiting now", /^Omar Haddad$/);
  await untilGlance(teacher, "Next", /Omar Haddad, about Ben Haddad\s*Is here$/);
  await press(teacher, "Add a private line about Ana Santos");
  const field = teacher.getByLabel("Private line about Ana Santos");
  await field.fill(LINE);
  const card = teacher.locator("[data-appointment]", { has: field });
  await writes((await card.getAttribute("data-appointment")) ?? "", THEIRS);
  await press(teacher, "Save the line");
  await untilReads(
    teacher,
    `Somebody else who takes this appointment has changed the line. It reads now: “${THEIRS}”. Save again to replace it with yours.`,
  );
  assert.equal(await field.inputValue(), LINE);
  await press(teacher, "Save the line");
  await untilReads(teacher, `Your private line: ${LINE}`);
  await teacher.getByRole("button", { name: "Change the private line about Ana Santos" }).waitFor();
  assert.deepEqual(await problemsOf(teacher), []);
}

async function seesThemInTheCall(teacher: Page): Promise<void> {
  const next = teacher.locator(".up-next");
  await next.getByText(/Omar Haddad, about Ben Haddad/).waitFor();
  await next.getByText("Is here").waitFor();
  await next.locator("summary").click();
  await next.getByText(LINE).waitFor();
  assert.deepEqual(await problemsOf(teacher), []);
}

/** While the family has time nothing leads away from it; once it has left one press does. */
async function leavesTheFirstAndGoesOn(maria: Page, teacher: Page): Promise<void> {
  const go = teacher.getByRole("button", { name: "Leave and go to the next" });
  // It is known by now that Omar waits: it reads so beside his name.
  assert.equal(await go.count(), 0);
  await maria.getByRole("button", { name: "Leave", exact: true }).click();
  await teacher
    .getByRole("status")
    .getByText("Omar Haddad is waiting for the next appointment.")
    .waitFor();
  await go.click();
}

for (const engine of ["chromium", "firefox"] as const) {
  test(`whoever is early knows where they stand, in ${engine}`, () =>
    withSchool(
      `early in ${engine}`,
      async (school, people) => {
        const links = await meet(school);
        const pages = await Promise.all(
          [links.nextParent, links.parent, links.teacher].map(async (link) => {
            const page = await people.somebody();
            await countSounds(page);
            await page.goto(link);
            await page.locator("[data-appointment]").first().waitFor();
            return page;
          }),
        );
        const [omar, maria, teacher] = pages;
        assert.ok(omar && maria && teacher);
        // All are open before the time runs: the first minute of it is enough for what is next.
        beginNow(school, TIMES);
        await Promise.all(pages.map(lookAgain));
        await teacher.getByRole("heading", { level: 2, name: "Now", exact: true }).waitFor();
        await untilGlance(teacher, "Timing", /^On time$/);
        await isEarly(omar);
        await seesAll(teacher, async (booking, note) => {
          const api = new Api(school.origin);
          const written = await api.by(linkOf(links.teacher), `/teacher/${booking}/note`, { note });
          assert.equal(written.status, 204, written.body);
        });
        await maria.getByRole("button", { name: "Join without camera" }).first().click();
        await isIn(maria, FIRST);
        await untilGlance(teacher, "Waiting now", /^Maria Santos and Omar Haddad$/);
        await teacher.getByRole("button", { name: "Join without camera" }).first().click();
        await isIn(teacher, FIRST);
        await seesThemInTheCall(teacher);
        assert.equal(await maria.getByText(LINE).count(), 0);

        await omar.getByText("Ms Okafor is with another family.").waitFor();
        if (engine === "chromium") {
          // Firefox says nothing of its checks.
          await omar.locator('[data-line="good"]').waitFor();
        }
        const [before, title] = await Promise.all([
          omar.evaluate(() => window.sounds),
          omar.title(),
        ]);
        await show(omar, "hidden");
        await leavesTheFirstAndGoesOn(maria, teacher);
        await isIn(teacher, NEXT_OF_TEACHER);
        await until("the title tells", async () =>
          (await omar.title()).startsWith("● Ms Okafor is there."),
        );
        await until("it sounds", async () => (await omar.evaluate(() => window.sounds)) > before);
        await show(omar, "visible");
        await until("the title is its own", async () => (await omar.title()) === title);
        await omar.getByText("Ms Okafor is there.").first().waitFor();
        await omar.getByRole("button", { name: "I am here" }).waitFor({ state: "detached" });
        await press(omar, "Join without camera");
        await isIn(omar, NEXT_OF_TEACHER);
      },
      {},
      engine,
    ));
}
