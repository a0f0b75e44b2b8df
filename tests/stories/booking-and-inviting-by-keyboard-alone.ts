/** SCR-9, INV-5: a parent books, invites, resends and removes without a mouse. */

import assert from "node:assert/strict";
import { eveningStory } from "../harness/evening-story.ts";
import { untilAt, untilReads } from "../harness/form.ts";
import { activate, toggle, typeInto } from "../harness/keyboard.ts";
import { linkIn } from "../harness/mailbox.ts";
import { eveningOfNow, Office } from "../harness/office.ts";

const MARIA = { name: "Maria Santos", email: "maria@example.org" };
const PAULO = { name: "Paulo Santos", email: "paulo@example.org" };

eveningStory("booking and inviting by keyboard alone", async (school, people) => {
  const office = await Office.setUp(await people.somebody(), school);
  await office.addTeacher("Ms Okafor", "okafor@fairview.example");
  await office.addClass("8B/Ma", "Mathematics", ["Ms Okafor"]);
  await office.addPupil({ name: "Ana Santos", classes: ["8B/Ma"], guardians: [MARIA] });
  await office.createEvening("Autumn evening", eveningOfNow());
  await office.sendLinks("parents");

  const page = await people.somebody();
  await page.goto(linkIn(await school.mail.untilFor(MARIA.email)));
  await untilAt(page, "My Bookings");
  await activate(page, "Choose appointments");
  await untilAt(page, "Choose appointments");
  await activate(page, "Choose a time");
  await page.getByRole("radio").first().waitFor();
  await toggle(page, /^\d/);
  await activate(page, "Book this time");
  await untilAt(page, "Choose appointments");

  // INV-5: it may be given while booking.
  await activate(page, "Invite Parent/Guardian");
  await untilAt(page, "Invite Parent/Guardian");
  await activate(page, "Send Invite");
  await page.getByRole("alert").filter({ hasText: "There is a problem" }).waitFor();
  // The summary has the focus, and its first entry leads to the first field.
  await activate(page, "Enter the name of the person you invite");
  await page.keyboard.type(PAULO.name);
  await typeInto(page, "Their email address", PAULO.email);
  await toggle(page, /consent/);
  await activate(page, "Send Invite");
  await untilAt(page, "Manage Invites");

  await activate(page, "Resend");
  await school.mail.untilFor(PAULO.email, 2);
  await activate(page, "Remove");
  await page.getByRole("dialog").waitFor();
  await activate(page, "Go back");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await untilReads(page, PAULO.name);
  await activate(page, "Remove");
  await activate(page, "Remove the invite");
  await untilReads(page, "Nobody is invited now.");
  assert.equal(await page.getByText(PAULO.email).count(), 0);
});
