/** EVE-9, EVE-13: an evening with bookings is put on another day; links stay, and pages and emails follow. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { toldIn } from "../harness/browsers.ts";
import { withFamily } from "../harness/family.ts";
import { fill, follow, press, untilAt, untilReads } from "../harness/form.ts";
import { linkIn } from "../harness/mailbox.ts";

const MARIA = "maria@example.org";

for (const engine of toldIn("firefox")) {
  test(`an evening moves and everybody follows, in ${engine}`, () =>
    withFamily(
      `evening moves in ${engine}`,
      async (family, people, school) => {
        const parent = await people.somebody();
        await parent.goto(family.links.parent);
        await parent.getByText(/10 January 2040/).waitFor();
        const before = school.mail.for(MARIA).length;

        const office = await people.somebody();
        await family.office(office, `evenings/${family.evening}`, "Autumn evening");
        await follow(office, "Change the evening");
        await fill(office, { Date: "2040-01-12", "Starts at": "09:00", "Ends at": "10:00" });
        await press(office, "Save");
        await office.getByRole("dialog", { name: "Move the evening?" }).waitFor();
        await untilReads(
          office,
          "The appointment moves along. Everybody who has a link is told by email. Their links stay the same.",
        );
        await press(office, "Move the evening and tell everybody");
        await untilReads(office, "Autumn evening has been saved.");

        // The open page follows by itself, and the link in the email is the one she has.
        await parent.getByText(/12 January 2040/).waitFor();
        await parent
          .locator(".when")
          .filter({ hasText: /^09:00/ })
          .waitFor();
        const told = await school.mail.untilFor(MARIA, before + 1);
        assert.equal(told.subject, "A new date or time: Autumn evening");
        assert.equal(linkIn(told), family.links.parent);

        // Times without room for what is booked are refused in words.
        await follow(office, "Change the evening");
        await untilAt(office, "Change the evening");
        await fill(office, { Date: "2000-01-01" });
        await press(office, "Save");
        await press(office, "Move the evening and tell everybody");
        await office.getByRole("alert").getByRole("listitem").first().waitFor();
        assert.equal(await parent.getByText(/12 January 2040/).count(), 1);
      },
      { engine },
    ));
}
