/**
 * SCR-9, INV-5: a parent books, invites, resends and removes, joins, talks and leaves without a mouse, by the
 * names that a screen reader is given.
 */

import assert from "node:assert/strict";
import { eveningStory } from "../harness/evening-story.ts";
import { untilAt, untilReads } from "../harness/form.ts";
import { activate, tabTo, toggle, typeInto, untilTold } from "../harness/keyboard.ts";
import { linkIn } from "../harness/mailbox.ts";
import { eveningOfNow, Office } from "../harness/office.ts";
import { until } from "../harness/until.ts";

const MARIA = { name: "Maria Santos", email: "maria@example.org" };
const PAULO = { name: "Paulo Santos", email: "paulo@example.org" };

eveningStory("booking and inviting by keyboard alone", async (school, people) => {
  const office = await Office.setUp(await people.somebody(), school);
  await office.addTeacher("Ms Okafor", "okafor@fairview.example");
  await office.addClass("8B/Ma", "Mathematics", ["Ms Okafor"]);
  await office.addPupil({ name: "Ana Santos", classes: ["8B/Ma"], guardians: [MARIA] });
  await office.createEvening("Autumn evening", eveningOfNow());

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
  // The summary takes the focus, and its first entry leads to the first field.
  await page.locator(".errors:focus").filter({ hasText: "There is a problem" }).waitFor();
  await activate(page, "Enter the name of the person you invite");
  await page.keyboard.type(PAULO.name);
  await typeInto(page, "Their email address", PAULO.email);
  await toggle(page, /consent/);
  await activate(page, "Send Invite");
  await untilAt(page, "Manage Invites");

  // Whoever has gone on when the news come is not called back by them.
  const answered = Promise.withResolvers<void>();
  await page.route("**/resend", (route) => answered.promise.then(() => route.continue()));
  await activate(page, "Resend");
  await tabTo(page, "Remove");
  answered.resolve();
  await untilReads(page, `The invite for ${PAULO.name} is on its way again, with the same link.`);
  await school.mail.untilFor(PAULO.email, 2);
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").waitFor();
  await activate(page, "Go back");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await untilReads(page, PAULO.name);
  await activate(page, "Remove");
  await activate(page, "Remove the invite");
  await untilTold(page, `The invite for ${PAULO.name} has been removed.`);
  await untilReads(page, "Nobody is invited now.");
  assert.equal(await page.getByText(PAULO.email).count(), 0);

  await activate(page, "Back");
  await untilAt(page, "My Bookings");
  await activate(page, "Join");
  await page.locator('main[data-state="call"]').waitFor();
  const announced = (words: string | RegExp) =>
    page.getByRole("status").getByText(words).last().waitFor({ state: "attached" });
  await announced("You have joined. Nobody else is here yet.");
  const microphone = page.getByRole("button", { name: "Microphone", exact: true });
  const untilPressed = (on: boolean) =>
    until(`the microphone is ${on}`, async () => {
      return (await microphone.getAttribute("aria-pressed")) === `${on}`;
    });
  await untilPressed(true);
  await toggle(page, "Microphone");
  await untilPressed(false);
  await activate(page, "Chat");
  await typeInto(page, "Write to everybody in the call", "I can hear you");
  await page.keyboard.press("Enter");
  await untilReads(page, "I can hear you");
  await activate(page, "Settings");
  await page.getByRole("dialog").waitFor();
  await toggle(page, "Use keyboard shortcuts");
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await activate(page, "Leave");
  await untilAt(page, "You have left the call");
  await announced("You have left the call");
  await activate(page, "My Bookings");
  await untilAt(page, "My Bookings");
});
