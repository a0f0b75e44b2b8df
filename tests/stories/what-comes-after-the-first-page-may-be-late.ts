/** The call's screen, and what leads on from "My Bookings", come after the first page: or do not come. */

import { test } from "node:test";
import { withFamily } from "../harness/family.ts";
import { press, untilAt } from "../harness/form.ts";

for (const engine of ["chromium", "firefox"] as const) {
  test(`a call whose screen does not come says so, and keeps the seat, in ${engine}`, () =>
    withFamily(
      `late call in ${engine}`,
      async (family, people) => {
        family.begins(0);
        const page = await people.somebody();
        await page.route(/\/assets\/call-/, (route) => route.abort());
        await page.goto(family.links.guest);
        await press(page, "Join");
        await page.getByText("A part of this page has not come yet.").waitFor();
        await page.unroute(/\/assets\/call-/);
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
        await page.route(/\/assets\/further-/, (route) => route.abort());
        await page.goto(family.links.parent);
        await page.getByRole("link", { name: "Manage Invites" }).click();
        await page.getByText("A part of this page has not come.").waitFor();
        await page.unroute(/\/assets\/further-/);
        await page.getByRole("button", { name: "Load again" }).click();
        await untilAt(page, "Manage Invites");
      },
      { engine },
    ));
}
