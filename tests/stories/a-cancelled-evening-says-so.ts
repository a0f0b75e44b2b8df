/** EVE-13: the office cancels an evening, and whoever has a page of it open reads so, in the school's words. */

import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { withFamily } from "../harness/family.ts";
import { fill, follow, press, untilAt, untilReads } from "../harness/form.ts";
import type { School } from "../harness/school.ts";

const CANCELLED = "The school has cancelled this evening.";
const WORDS = "The heating has failed. We will write to you about another date.";

/** As if it had been meant so; it is noon where the evening takes place. */
function closesNow(school: School): void {
  const records = new DatabaseSync(`${school.folder}/homeroom.sqlite`, { timeout: 5_000 });
  const hours = 12 - new Date().getUTCHours();
  // These names count the other way round: Etc/GMT-3 is three hours before Greenwich.
  const zone = `Etc/GMT${hours > 0 ? "-" : "+"}${Math.abs(hours)}`;
  records.prepare("UPDATE evenings SET closes_at = ?, zone = ?").run(Date.now() - 1_000, zone);
  records.close();
}

test("a cancelled evening says so", () =>
  withFamily("evening cancelled", async (family, people, school) => {
    const { parent, guest, teacher } = family.links;
    const pages = await Promise.all(
      [parent, guest, teacher].map(async (link) => {
        const page = await people.somebody();
        await page.goto(link);
        await page.locator("[data-appointment]").first().waitFor();
        return page;
      }),
    );
    // EVE-5: its booking closes at the time that was set for it, which whoever has booked is told.
    const office = await people.somebody();
    await family.office(office, `evenings/${family.evening}`, "Autumn evening");
    await press(office, "Close booking");
    const asks = office.getByRole("dialog");
    await asks.getByRole("checkbox").check();
    const beforeIt = school.mail.for("maria@example.org").length;
    closesNow(school);
    const closed = await school.mail.untilFor("maria@example.org", beforeIt + 1);
    assert.match(closed.text ?? "", /Booking has closed\. Ask the school/);
    // A colleague who had that in mind reads that it was done, and that they wrote to nobody.
    await press(asks, "Close booking");
    await untilReads(office, "Booking was closed already. Nobody was written to.");
    const before = school.mail.for("maria@example.org").length;
    await press(office, "Cancel this evening");
    const dialog = office.getByRole("dialog", { name: "Cancel Autumn evening?" });
    await dialog.getByText(/^1 family will be told by email/).waitFor();
    await fill(office, { "What shall we tell everybody?": WORDS });
    await dialog.getByRole("button", { name: "Cancel this evening" }).click();
    await untilReads(office, "The evening is cancelled, and everybody is being told.");
    await untilReads(office, CANCELLED);
    await untilReads(office, WORDS);
    for (const gone of ["Open booking", "Close booking", "Send links to parents"]) {
      assert.equal(await office.getByRole("button", { name: gone }).count(), 0, gone);
    }
    assert.equal(await office.getByRole("link", { name: "Change the evening" }).count(), 0);

    // Nothing is offered that the server would refuse.
    await follow(office, "People and links");
    await follow(office, "Maria Santos");
    await untilReads(office, WORDS);
    assert.equal(await office.getByRole("link", { name: "Book a time" }).count(), 0);
    assert.equal(await office.getByText("This evening is over.").count(), 0);
    await office.goBack();
    await untilAt(office, "People and links");
    await office.getByRole("link", { name: "Maria Santos" }).waitFor();
    for (const gone of [/^Show the link/, /^Send the link again/, /^Cannot come/]) {
      assert.equal(await office.getByRole("button", { name: gone }).count(), 0, String(gone));
    }
    await office.goBack();
    await follow(office, "Invitations");
    await untilAt(office, "Invitations");
    assert.equal(await office.getByRole("button", { name: "Resend" }).count(), 0);
    assert.equal(await office.getByRole("link", { name: "Change the address" }).count(), 0);

    for (const page of pages) {
      await untilReads(page, CANCELLED);
      await untilReads(page, WORDS);
      await page.getByRole("link", { name: "Contact Us", exact: true }).waitFor();
      assert.equal(await page.getByRole("button", { name: "Join" }).count(), 0);
      assert.equal(await page.getByRole("link", { name: "Choose appointments" }).count(), 0);
    }
    const told = await school.mail.untilFor("maria@example.org", before + 1);
    assert.match(told.text ?? "", /The school has cancelled Autumn evening/);
    assert.match(told.text ?? "", /The heating has failed\./);
  }));
