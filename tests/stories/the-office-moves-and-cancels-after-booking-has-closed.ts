/** EVE-2, INV-8, DIR-10: a parent phones when booking has closed, and the office changes it. */

import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import type { Page } from "playwright-core";
import { eveningStory } from "../harness/evening-story.ts";
import { fill, follow, press, tick, untilAt, untilReads } from "../harness/form.ts";
import { activate, toggle } from "../harness/keyboard.ts";
import { linkIn } from "../harness/mailbox.ts";
import { eveningOfNow, Office } from "../harness/office.ts";
import { picture } from "../harness/picture.ts";
import { lookAgain } from "../harness/sleep.ts";
import { until } from "../harness/until.ts";

const EVENING = "Autumn evening";
const MARIA = { name: "Maria Santos", email: "maria@example.org" };
const EVE = { name: "Eve Novak", email: "eve@example.org" };
const PAULO = { name: "Paulo Santos", email: "paulo@example.org" };

async function booksBoth(page: Page): Promise<void> {
  await follow(page, "Choose appointments");
  await follow(page, "Choose the times for me");
  await press(page, "Book these appointments");
  await untilReads(page, "2 appointments are booked");
  await page.getByRole("link", { name: "Go to My Bookings" }).click();
  await untilAt(page, "My Bookings");
}

/** The card of a class on a parent's page of the office. */
function card(page: Page, subject: string) {
  return page
    .getByRole("listitem")
    .filter({ has: page.getByRole("heading", { level: 3, name: subject }) });
}

async function timeOf(page: Page, subject: string): Promise<string> {
  return ((await card(page, subject).locator(".when").textContent()) ?? "").slice(0, 5);
}

eveningStory("the office moves and cancels after booking has closed", async (school, people) => {
  const office = await Office.setUp(await people.somebody(), school);
  await office.addTeacher("Ms Okafor", "okafor@fairview.example");
  await office.addTeacher("Mr Brandt", "");
  await office.addClass("8B/Ma", "Mathematics", ["Ms Okafor"]);
  await office.addClass("8B/Mu", "Music", ["Mr Brandt"]);
  await office.addPupil({ name: "Ana Santos", classes: ["8B/Ma", "8B/Mu"], guardians: [MARIA] });
  await office.addPupil({ name: "Ben Novak", classes: ["8B/Mu"], guardians: [EVE] });
  await office.createEvening(EVENING, eveningOfNow());
  await office.sendLinks("teachers");
  const maria = await people.somebody();
  await maria.goto(linkIn(await school.mail.untilFor(MARIA.email)));
  await booksBoth(maria);
  // What was booked is confirmed, and is not counted with what comes later.
  await school.mail.untilFor(MARIA.email, 2);
  await follow(maria, "Invite Parent/Guardian");
  await fill(maria, { "Their name": PAULO.name, "Their email address": PAULO.email });
  await tick(maria, [/consent/]);
  await press(maria, "Send Invite");
  await untilAt(maria, "Manage Invites");
  await school.mail.untilFor(PAULO.email);
  const teacher = await people.somebody();
  await teacher.goto(linkIn(await school.mail.untilFor("okafor@fairview.example")));
  await untilReads(teacher, `With ${MARIA.name} and ${PAULO.name}`);

  // Booking closes, and the parent cannot change anything any more.
  const { page } = office;
  await office.goTo("");
  await follow(page, EVENING);
  const sent = school.mail.for(MARIA.email).length;
  await press(page, "Close booking");
  const dialog = page.getByRole("dialog");
  await dialog.getByText("2 emails will be sent.").waitFor();
  await picture(page, "close-booking");
  await press(dialog, "Close booking");
  await page.getByRole("button", { name: "Open booking" }).waitFor();
  // EVE-5: whoever has booked reads what, and the others whom to ask.
  const list = await school.mail.untilFor(MARIA.email, sent + 1);
  assert.equal(list.subject, `Your appointments: ${EVENING}`);
  assert.match(
    list.text ?? "",
    /Booking has closed\. Ask the school if something needs to change\./,
  );
  const late = await school.mail.untilFor(EVE.email, 2);
  assert.equal(late.subject, `Booking has closed: ${EVENING}`);
  assert.match(late.text ?? "", /If you still need an appointment, ask the school\./);
  await follow(maria, "Back");
  await untilReads(maria, "Booking has closed. Ask the school if something needs to change.");
  assert.equal(await maria.getByRole("link", { name: "Move" }).count(), 0);

  // She phones. The office finds her, and works without a mouse.
  await follow(page, "People and links");
  await fill(page, { "Find somebody by name or email address": "maria" });
  await press(page, "Search");
  await untilReads(page, "1 person was found.");
  await follow(page, MARIA.name);
  await untilAt(page, MARIA.name);
  const before = await timeOf(page, "Mathematics");
  const mailsBefore = school.mail.for(MARIA.email).length;
  const confirmed = school.mail.for(MARIA.email).at(-1);
  await activate(page, "Move");
  await untilAt(page, "Move the appointment");
  await page.getByRole("radio").first().waitFor();
  // The arrow keys go on to the last of the free times.
  await toggle(page, /^\d/);
  await page.keyboard.press("ArrowUp");
  await activate(page, "Move the appointment");
  await untilAt(page, MARIA.name);
  const moved = await until("the page shows another time", async () => {
    const now = await timeOf(page, "Mathematics");
    return now === before ? undefined : now;
  });
  await page.getByRole("alert").getByText(`Mathematics is now at ${moved}`).waitFor();

  // EVE-2: her page and the teacher's show it at once; she and her guest hear of it by e-mail.
  await maria.getByText(moved).first().waitFor();
  await teacher.getByText(moved).first().waitFor();
  const told = await school.mail.untilFor(MARIA.email, mailsBefore + 1);
  assert.equal(told.subject, `An appointment has moved: ${EVENING}`);
  assert.match(told.text ?? "", /The school has moved an appointment of yours at Autumn evening\./);
  assert.match(told.text ?? "", new RegExp(`Before: .*${before}[^]*Now: .*${moved}`));
  assert.match(told.text ?? "", /Your other appointments stay as they are\./);
  assert.equal(linkIn(told), linkIn(confirmed ?? told), "it is her own link");
  const guests = await school.mail.untilFor(PAULO.email, 2);
  assert.equal(guests.subject, `An appointment has moved: ${EVENING}`);

  // The other one is cancelled, after the office was asked again.
  await activate(page, "Cancel this appointment");
  await page.getByRole("dialog").waitFor();
  await activate(page, "Go back");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await activate(page, "Cancel this appointment");
  await activate(page, "Cancel the appointment");
  await until("one appointment is left", async () => {
    return (await page.locator("[data-appointment]").count()) === 1;
  });
  await untilReads(page, "Nothing is booked.");
  const cancelled = await school.mail.untilFor(MARIA.email, mailsBefore + 2);
  assert.equal(cancelled.subject, `An appointment is cancelled: ${EVENING}`);
  const [file] = cancelled.attachments;
  assert.match(file?.content.toString() ?? "", /METHOD:CANCEL/);
  await until("her page shows one appointment", async () => {
    return (await maria.locator("[data-appointment]").count()) === 1;
  });

  // And booked again, which she has not asked for yet: until the evening is over it can be.
  await page.getByRole("link", { name: "Book a time" }).click();
  await untilAt(page, "Choose a time");
  await page.locator("input[type=radio]:not(:disabled)").first().check();
  await press(page, "Book this time");
  await untilAt(page, MARIA.name);
  await until("two appointments are booked", async () => {
    return (await maria.locator("[data-appointment]").count()) === 2;
  });

  // That talk runs over into the next time, which another family may have as soon as it has ended.
  const records = new DatabaseSync(`${school.folder}/homeroom.sqlite`, { timeout: 5_000 });
  records.exec(`INSERT INTO talks (school, meeting, start_at, longer)
    SELECT school, meeting, start_at, 300000 FROM bookings
    WHERE class = (SELECT id FROM classes WHERE subject = 'Music') AND cancelled_at IS NULL`);
  await office.goTo("");
  await follow(page, EVENING);
  await follow(page, "People and links");
  await follow(page, EVE.name);
  await untilAt(page, EVE.name);
  await page.getByRole("link", { name: "Book a time" }).click();
  await untilAt(page, "Choose a time");
  const over = page.getByText("The talk before is running over.");
  await over.waitFor();
  await picture(page, "talk-goes-on");
  records.exec("UPDATE talks SET longer = 0");
  records.close();
  await lookAgain(page);
  await over.waitFor({ state: "detached" });

  // DIR-10: it was the office.
  await office.goTo("audit");
  await untilAt(page, "Audit log");
  for (const what of ["moved", "cancelled", "booked"]) {
    const row = page.getByRole("row").filter({ hasText: what }).first();
    assert.match((await row.textContent()) ?? "", /Dana Reyes/, what);
  }
});
