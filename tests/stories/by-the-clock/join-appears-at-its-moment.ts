/** A page that was opened early offers Join when its moment comes, by itself, and says so. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Page } from "playwright-core";
import type { Engine } from "../../harness/browsers.ts";
import { OPENS_BEFORE_MS, withFamily } from "../../harness/family.ts";
import { lookAgain, sleep } from "../../harness/sleep.ts";
import { until } from "../../harness/until.ts";

/**
 * How long before its moment the pages look: a moment, or as many minutes as the environment says.
 */
const { HOMEROOM_EARLY_MIN } = process.env;
const AHEAD_MS = HOMEROOM_EARLY_MIN === undefined ? 25_000 : Number(HOMEROOM_EARLY_MIN) * 60_000;
const WITHIN_MS = AHEAD_MS + 35_000;

const ENGINES: readonly Engine[] = ["chromium", "firefox"];

const join = (page: Page) => page.getByRole("button", { name: "Join", exact: true });

async function untilEarly(page: Page): Promise<void> {
  await page.getByText(/^You can join from/).waitFor();
  assert.equal(await join(page).count(), 0, "Join is offered before its time");
}

// They mostly wait for the moment: both wait at the same time.
describe("Join appears", { concurrency: true }, () => {
  for (const engine of ENGINES) {
    test(`Join appears at its moment on open and sleeping pages, in ${engine}`, () =>
      withFamily(
        `join appears in ${engine}`,
        async (family, people) => {
          const [parent, guest, teacher, asleep] = await Promise.all(
            [
              family.links.parent,
              family.links.guest,
              family.links.teacher,
              family.links.parent,
            ].map(async (link) => {
              const page = await people.somebody();
              await page.goto(link);
              await untilEarly(page);
              return page;
            }),
          );
          assert.ok(parent && guest && teacher && asleep);
          const wake = await sleep(asleep, engine);
          // All are open before the time runs, however long that took.
          family.begins(OPENS_BEFORE_MS + AHEAD_MS);
          const began = performance.now();
          await Promise.all([parent, guest, teacher].map(lookAgain));

          for (const page of [parent, guest, teacher]) {
            await join(page).first().waitFor({ timeout: WITHIN_MS });
            await page
              .getByRole("status")
              .getByText("You can join now: Mathematics, about Ana Santos")
              .waitFor({ state: "attached" });
          }
          assert.ok(
            performance.now() - began > AHEAD_MS - 5_000,
            "Join appeared before its moment",
          );
          await wake();
          await join(asleep).first().waitFor();

          // It is no picture of a button.
          await join(guest).first().click();
          await until("the guest is in the call", async () => {
            return (await guest.locator("main").getAttribute("data-state")) === "call";
          });
        },
        { engine },
      ));
  }
});
