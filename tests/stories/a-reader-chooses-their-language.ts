/** Pages are in the language that their reader chose, on this device and by the link on any other. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { linkOf } from "../harness/api.ts";
import { withFamily } from "../harness/family.ts";
import { untilAt } from "../harness/form.ts";
import { until } from "../harness/until.ts";

const written = (page: Page) =>
  page.evaluate(() => [document.documentElement.lang, document.documentElement.dir]);

for (const engine of ["chromium", "firefox"] as const) {
  test(`a parent reads German from then on, also on another device, in ${engine}`, () =>
    withFamily(
      `German in ${engine}`,
      async (family, people) => {
        const page = await people.somebody();
        await page.goto(family.links.parent);
        await untilAt(page, "My Bookings");
        await page.getByRole("banner").getByText("Fairview School").waitFor();
        await page.getByLabel("Language").selectOption({ label: "Deutsch" });
        await untilAt(page, "Meine Buchungen");
        // Where the choice itself was by script, and so no person's, a click is.
        await page.getByRole("heading", { level: 1 }).click();
        const link = linkOf(family.links.parent);
        await until("the server knows", async () => {
          const view = JSON.parse((await family.api.by(link, "")).body) as { language?: string };
          return view.language === "de" ? true : undefined;
        });
        assert.deepEqual(await written(page), ["de", "ltr"]);
        await page.getByText("Dienstag, 10. Januar 2040").waitFor();
        await page.reload();
        await untilAt(page, "Meine Buchungen");
        // Somebody else's browser has no choice of its own, and nothing of the first one's.
        const other = await people.somebody();
        await other.goto(family.links.parent);
        await untilAt(other, "Meine Buchungen");
        // Whoever was never there with this link reads their own.
        const guest = await people.somebody();
        await guest.goto(family.links.guest);
        await untilAt(guest, "You are invited to a video appointment");
        // From right to left, and nothing to be scrolled to on a telephone.
        await guest.setViewportSize({ width: 360, height: 740 });
        await guest.getByLabel("Language").selectOption("ar");
        await untilAt(guest, "أنت مدعوّ إلى موعد بالفيديو");
        assert.deepEqual(await written(guest), ["ar", "rtl"]);
        const overflows = () =>
          document.documentElement.scrollWidth > document.documentElement.clientWidth;
        assert.equal(await guest.evaluate(overflows), false, "it scrolls sideways");
      },
      { engine },
    ));
}
