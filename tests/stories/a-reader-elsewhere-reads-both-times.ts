/** EVE-3: the times in the reader's zone, on pages and in e-mails. */

import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { eveningStory } from "../harness/evening-story.ts";
import { fill, follow, press, tick, untilAt, untilReads } from "../harness/form.ts";
import { linkIn } from "../harness/mailbox.ts";
import { eveningOfNow, Office } from "../harness/office.ts";

const MARIA = { name: "Maria Santos", email: "maria@example.org" };
const JONAS = { name: "Jonas Weber", email: "jonas@example.org" };
const PAULO = { name: "Paulo Santos", email: "paulo@example.org" };
/** Whatever zone the evening is in, its clocks are others. */
const AUCKLAND = "Pacific/Auckland";
const DUBAI = "Asia/Dubai";

async function booksAutomatically(page: Page): Promise<void> {
  await untilReads(page, "You have no appointments yet.");
  await follow(page, "Choose appointments");
  await follow(page, "Choose the times for me");
  await press(page, "Book these appointments");
  await untilReads(page, "1 appointment is booked");
  await page.getByRole("link", { name: "Go to My Bookings" }).click();
  await untilAt(page, "My Bookings");
  // Asked for twice, by the press and as something that has changed, the list may be a moment behind.
  await page.locator("[data-appointment]").first().waitFor();
}

async function words(page: Page): Promise<string> {
  return (await page.locator("main").textContent()) ?? "";
}

/** "17:10" in that zone. */
function clock(starts: string, zone: string): string {
  return new Date(starts).toLocaleTimeString("en-GB", { timeZone: zone, timeStyle: "short" });
}

eveningStory("a reader elsewhere reads both times", async (school, people) => {
  const evening = eveningOfNow();
  const office = await Office.setUp(await people.somebody(), school);
  await office.addTeacher("Ms Okafor", "okafor@fairview.example");
  await office.addClass("8B/Ma", "Mathematics", ["Ms Okafor"]);
  await office.addPupil({ name: "Ana Santos", classes: ["8B/Ma"], guardians: [MARIA, JONAS] });
  await office.createEvening("Autumn evening", evening);

  const maria = await people.somebody(AUCKLAND);
  const sent = await school.mail.untilFor(MARIA.email);
  assert.doesNotMatch(sent.text ?? "", /your time/i, "nobody knows where she reads yet");
  await maria.goto(linkIn(sent));
  await booksAutomatically(maria);
  const booked = await words(maria);
  assert.match(booked, /\d\d:\d\d ?[–-] ?\d\d:\d\d \(.*\d\d:\d\d your time\)/);
  assert.match(booked, /“Your time” is New Zealand/);

  // The confirmation says both, and so does the guest's e-mail once they have done something on their page.
  const confirmation = await school.mail.untilFor(MARIA.email, 2);
  const text = confirmation.text ?? "";
  assert.match(text, /"Your time" is in Pacific\/Auckland/);
  const file = confirmation.attachments[0]?.content.toString() ?? "";
  const [, y, m, d, h, min] =
    /DTSTART:(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)00Z/.exec(file) ?? assert.fail(`no start: ${file}`);
  const starts = `${y}-${m}-${d}T${h}:${min}:00Z`;
  const [here, there] = [clock(starts, evening.zone), clock(starts, AUCKLAND)];
  assert.match(text, new RegExp(`, ${here} to .*\\(.*${there} to .* your time\\)`));
  assert.ok(booked.includes(here) && booked.includes(there), "the page says the same");

  await follow(maria, "Invite Parent/Guardian");
  await fill(maria, { "Their name": PAULO.name, "Their email address": PAULO.email });
  await tick(maria, [/consent/]);
  await press(maria, "Send Invite");
  await untilAt(maria, "Manage Invites");
  const invitation = await school.mail.untilFor(PAULO.email);
  assert.doesNotMatch(invitation.text ?? "", /your time/i);
  const guest = await people.somebody(DUBAI);
  await guest.goto(linkIn(invitation));
  await untilAt(guest, "You are invited to a video appointment");
  assert.ok((await words(guest)).includes(`${clock(starts, DUBAI)}`));
  // A page that was only opened, as mail scanners open it, tells nothing.
  await press(maria, "Resend");
  // Before that is told the same button does nothing.
  await untilReads(maria, `The invite for ${PAULO.name} is on its way again, with the same link.`);
  const scanned = await school.mail.untilFor(PAULO.email, 2);
  assert.doesNotMatch(scanned.text ?? "", /your time/i);
  const told = guest.waitForResponse((response) =>
    (response.request().postData() ?? "").includes(DUBAI),
  );
  await press(guest, "Turn on camera and microphone");
  await told;
  await press(maria, "Resend");
  const again = await school.mail.untilFor(PAULO.email, 3);
  assert.match(again.text ?? "", /"Your time" is in Asia\/Dubai/);

  // Where the zones agree, nothing more is said.
  const jonas = await people.somebody(evening.zone);
  await jonas.goto(linkIn(await school.mail.untilFor(JONAS.email)));
  await booksAutomatically(jonas);
  assert.doesNotMatch(await words(jonas), /your time/i);
  const plain = await school.mail.untilFor(JONAS.email, 2);
  assert.match(plain.text ?? "", new RegExp(`All times are in the ${evening.zone} time zone\\.`));
  assert.doesNotMatch(plain.text ?? "", /your time/i);

  // Back home she is in the evening's zone: from then on her e-mails say that alone.
  const home = await people.somebody(evening.zone);
  await home.goto(linkIn(sent));
  await untilAt(home, "My Bookings");
  const back = home.waitForResponse((response) =>
    (response.request().postData() ?? "").includes(evening.zone),
  );
  await follow(home, "Check your camera and microphone");
  await back;
  await follow(home, "Back");
  await press(home, "Send me my confirmation again");
  const last = await school.mail.untilFor(MARIA.email, 3);
  assert.doesNotMatch(last.text ?? "", /your time/i);
});
