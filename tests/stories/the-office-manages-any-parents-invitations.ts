/** INV-9, LINK-2, LINK-3: resend, another address, remove; and why an e-mail came back. */

import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { eveningStory } from "../harness/evening-story.ts";
import { fill, follow, press, tick, untilAt, untilReads } from "../harness/form.ts";
import { linkIn } from "../harness/mailbox.ts";
import { eveningOfNow, Office } from "../harness/office.ts";

const EVENING = "Autumn evening";
const MARIA = { name: "Maria Santos", email: "maria@example.org" };
/** The mail server knows nobody of the first address. */
const WRONG = "nobody@example.org";
const OLD = "paulo@example.org";
const NEW = "paulo@work.example";
const NAME = "Paulo Santos";
/** The server tells it within 2 s, and a loaded machine draws it; by themselves pages ask again after 25 s. */
const WITHDRAWN_WITHIN_MS = 10_000;

async function invites(page: Page): Promise<void> {
  await follow(page, "Invite Parent/Guardian");
  await fill(page, { "Their name": NAME, "Their email address": WRONG });
  await tick(page, [/consent/]);
  await press(page, "Send Invite");
  await untilAt(page, "Manage Invites");
}

/** Whoever has a link that dies reads so at once. */
async function hearsAtOnce(page: Page): Promise<void> {
  await page
    .getByRole("heading", { level: 1, name: "Your invitation has been withdrawn." })
    .waitFor({ timeout: WITHDRAWN_WITHIN_MS });
}

/** At the office's list of invitations: sends it elsewhere. */
async function changesAddress(page: Page, to: string): Promise<void> {
  await follow(page, "Change the address");
  await untilAt(page, "Change the address");
  await fill(page, { "Their email address": to });
  await press(page, "Send to the new address");
  await untilAt(page, "Invitations");
  await untilReads(page, `A new link is on its way to ${to}.`);
}

eveningStory("the office manages any parent's invitations", async (school, people) => {
  const office = await Office.setUp(await people.somebody(), school);
  await office.addTeacher("Ms Okafor", "okafor@fairview.example");
  await office.addClass("8B/Ma", "Mathematics", ["Ms Okafor"]);
  await office.addPupil({ name: "Ana Santos", classes: ["8B/Ma"], guardians: [MARIA] });
  await office.createEvening(EVENING, eveningOfNow());
  const maria = await people.somebody();
  await maria.goto(linkIn(await school.mail.untilFor(MARIA.email)));
  await invites(maria);

  // INV-9: the office reads why the e-mail did not arrive, and sends it elsewhere.
  const { page } = office;
  await office.goTo("");
  await follow(page, EVENING);
  await follow(page, "Invitations");
  await untilReads(page, `Invited by ${MARIA.name} for Ana Santos`);
  await page.getByText(/The mail server said: .*there is nobody here/).waitFor();
  await changesAddress(page, OLD);
  const first = linkIn(await school.mail.untilFor(OLD));

  // Resent, it is the same link.
  await press(page, "Resend");
  await untilReads(page, `The invite for ${NAME} is on its way again, with the same link.`);
  assert.equal(linkIn(await school.mail.untilFor(OLD, 2)), first);

  // LINK-3: at another address it is a new one. Whoever waits with the old one hears that it is
  // dead, and so does whoever opens it.
  const guest = await people.somebody();
  await guest.goto(first);
  await untilAt(guest, "You are invited to a video appointment");
  await changesAddress(page, NEW);
  await hearsAtOnce(guest);
  const second = linkIn(await school.mail.untilFor(NEW));
  assert.notEqual(second, first);
  const late = await people.somebody();
  await late.goto(first);
  await untilAt(late, "Your invitation has been withdrawn.");
  await late.goto("about:blank");
  await late.goto(second);
  await untilAt(late, "You are invited to a video appointment");
  // Her own page shows it without being asked.
  await untilReads(maria, NEW);

  // LINK-2: removed, it is dead too, and the guest reads of it.
  await press(page, "Remove");
  await page.getByRole("dialog").getByRole("button", { name: "Remove the invite" }).click();
  await hearsAtOnce(late);
  await untilReads(page, "Nobody has been invited.");
  await untilReads(maria, "Nobody is invited now.");
  const told = await school.mail.untilFor(NEW, 2);
  assert.ok(told.subject?.startsWith(`Your invitation has been withdrawn: ${EVENING}`));
  assert.equal(school.mail.for(OLD).length, 2, "the old address hears no more");

  // DIR-10
  await office.goTo("audit");
  await untilAt(page, "Audit log");
  for (const what of ["invitation resent", "invitation removed", "invitation readdressed"]) {
    const row = page.getByRole("row").filter({ hasText: what }).first();
    assert.match((await row.textContent()) ?? "", /Dana Reyes/, what);
  }
});
