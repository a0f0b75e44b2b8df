/** A page that was opened early offers Join when its moment comes, by itself, and says so. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Page } from "playwright-core";
import type { Engine } from "../harness/browsers.ts";
import { OPENS_BEFORE_MS, withFamily } from "../harness/family.ts";
import { until } from "../harness/until.ts";

/** Enough to open all pages in, on a busy machine. */
const AHEAD_MS = 25_000;

const ENGINES: readonly Engine[] = ["chromium", "firefox"];

const join = (page: Page) => page.getByRole("button", { name: "Join", exact: true });

async function untilEarly(page: Page): Promise<void> {
  await page.getByText(/^You can join from/).waitFor();
  assert.equal(await join(page).count(), 0, "Join is offered before its time");
}

/** Puts a page away, as a telephone does that is locked: it is hidden and has no network. */
async function sleep(page: Page): Promise<void> {
  await page.evaluate(() => {
    Object.defineProperty(document, "visibilityState", { configurable: true, value: "hidden" });
    document.dispatchEvent(new Event("visibilitychange"));
  });
  await page.context().setOffline(true);
}

async function wake(page: Page): Promise<void> {
  await page.context().setOffline(false);
  await page.evaluate(() => {
    Reflect.deleteProperty(document, "visibilityState");
    document.dispatchEvent(new Event("visibilitychange"));
  });
}

for (const engine of ENGINES) {
  test(`Join appears at its moment on open and sleeping pages, in ${engine}`, () =>
    withFamily(
      `join appears in ${engine}`,
      async (family, people) => {
        family.begins(OPENS_BEFORE_MS + AHEAD_MS);
        const opened = performance.now();
        const [parent, guest, teacher, asleep] = await Promise.all(
          [family.links.parent, family.links.guest, family.links.teacher, family.links.guest].map(
            async (link) => {
              const page = await people.somebody();
              await page.goto(link);
              await untilEarly(page);
              return page;
            },
          ),
        );
        assert.ok(parent && guest && teacher && asleep);
        await sleep(asleep);
        assert.ok(performance.now() - opened < AHEAD_MS, "the pages were opened early");

        for (const page of [parent, guest, teacher]) {
          await join(page).first().waitFor({ timeout: 60_000 });
          await page
            .getByRole("status")
            .getByText("You can join now: Mathematics, about Ana Santos")
            .waitFor({ state: "attached" });
        }
        assert.ok(performance.now() - opened > AHEAD_MS - 5_000, "Join appeared before its moment");
        assert.equal(await join(asleep).count(), 0, "a page that sleeps knows nothing");
        await wake(asleep);
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
