/** The call's screen, and what leads on from "My Bookings", come after the first page: or do not come. */

import { test } from "node:test";
import type { Page } from "playwright-core";
import { withFamily } from "../harness/family.ts";
import { press, untilAt } from "../harness/form.ts";

/** This part of the page does not come, however often it is asked for, until the page is loaded again. */
async function withhold(page: Page, part: RegExp): Promise<void> {
  let loads = 0;
  page.on("request", (request) => {
    if (request.isNavigationRequest()) {
      loads += 1;
    }
  });
  await page.route(part, (route) => (loads < 2 ? route.abort() : route.continue()));
}

for (const engine of ["chromium", "firefox"] as const) {
  test(`a call whose screen does not come says so, and keeps the seat, in ${engine}`, () =>
    withFamily(
      `late call in ${engine}`,
      async (family, people) => {
        family.begins(0);
        const page = await people.somebody();
        await withhold(page, /\/assets\/call-/);
        await page.goto(family.links.guest);
        await press(page, "Join");
        await page.getByText("A part of this page has not come yet.").waitFor();
        await page.getByRole("button", { name: "Load again" }).click();
        await page.locator("main[data-state=call] .tile.own").waitFor();
      },
      { engine },
    ));

  test(`a page that does not come says so, and comes when it can, in ${engine}`, () =>
    withFamily(
      `late page in ${engine}`,
      async (family, people) => {
        const page = await people.somebody();
        await withhold(page, /\/assets\/further-/);
        await page.goto(family.links.parent);
        await page.getByRole("link", { name: "Manage Invites" }).click();
        await page.getByText("A part of this page has not come.").waitFor();
        await page.getByRole("button", { name: "Load again" }).click();
        await untilAt(page, "Manage Invites");
      },
      { engine },
    ));
}
