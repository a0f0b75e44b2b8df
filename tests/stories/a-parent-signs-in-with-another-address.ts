/**
 * DIR-9, DIR-12: a parent changes the address they sign in with. The link goes to the new one, nothing changes before it
 * is opened by whoever is signed in, the old one hears of it, and the office is asked which it keeps.
 */

import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { accessProblems } from "../harness/accessibility.ts";
import { eveningStory } from "../harness/evening-story.ts";
import { fill, follow, press, untilAt, untilReads } from "../harness/form.ts";
import { Office } from "../harness/office.ts";
import { picture } from "../harness/picture.ts";
import { until } from "../harness/until.ts";

const PASSWORD = "a quiet river under trees";
const IVY = "ivy@home.example";
const WRONG = "ivy@wrong.example";
const NEW = "ivy@new.example";

const linkIn = (text: string, page: string) =>
  new RegExp(`https?://\\S+/${page}#[\\w-]+`).exec(text)?.[0] ?? "";

async function isAccessible(screen: string, page: Page): Promise<void> {
  for (const width of [320, 1280]) {
    await page.setViewportSize({ width, height: 900 });
    assert.deepEqual(await accessProblems(screen, width, page), []);
  }
  await picture(page, screen);
}

async function askFor(page: Page, email: string, password = PASSWORD): Promise<void> {
  await fill(page, { "New email address": email, Password: password });
  await press(page, "Send me a link to confirm");
}

eveningStory("a parent signs in with another address", async (school, people) => {
  const office = await Office.setUp(await people.somebody(), school);
  await office.addPupil({ name: "Zoe Park", classes: [], guardians: [] });
  await office.goTo("students");
  await follow(office.page, "Zoe Park");
  await fill(office.page, { "Parent’s email address": IVY, "Parent’s name": "Ivy Park" });
  await press(office.page, "Send Invitation");
  const invitation = await school.mail.untilFor(IVY);
  const ivy = await people.somebody();
  await ivy.goto(linkIn(invitation.text ?? "", "register"));
  await untilAt(ivy, "Enter your contact details");
  await press(ivy, "Save and continue");
  await untilAt(ivy, "Create your account");
  await fill(ivy, { Password: PASSWORD });
  await press(ivy, "Create the account");
  await untilAt(ivy, "Your account at Fairview School");

  const change = ivy.getByText("Change the address you sign in with", { exact: true });
  await change.click();
  await askFor(ivy, IVY, "");
  await untilReads(ivy, "This is the address you sign in with already");
  await isAccessible("address-wrong", ivy);
  await askFor(ivy, WRONG, "not my password");
  // It is the password, and not the address that she has not got yet.
  await untilReads(ivy, "This password is wrong");
  assert.ok(
    await ivy.getByLabel("Password", { exact: true }).evaluate((it) => it.ariaInvalid === "true"),
  );
  await isAccessible("address-form", ivy);
  // One that is mistyped opens nothing to its reader, and another takes its place.
  await askFor(ivy, WRONG);
  await untilReads(ivy, `A link is on its way to ${WRONG}.`);
  const mistyped = await school.mail.untilFor(WRONG);
  const stranger = await people.somebody();
  await stranger.goto(linkIn(mistyped.text ?? "", "account/address"));
  await untilAt(stranger, "Confirm your new email address");
  await stranger.getByText("Sign in first, with the address you have used so far.").waitFor();
  assert.equal(await stranger.getByRole("button", { name: "Confirm the new address" }).count(), 0);
  await isAccessible("address-sign-in", stranger);
  await ivy.getByText(`Waiting for you to confirm ${WRONG}.`).waitFor();
  await change.click();
  await askFor(ivy, NEW);
  await untilReads(ivy, `A link is on its way to ${NEW}.`);
  await isAccessible("address-waits", ivy);
  const letter = await school.mail.untilFor(NEW);
  assert.match(letter.text ?? "", /Nothing changes until you do/);
  // The old address hears of each, and of no new address.
  const words = await until("word at the old address", () =>
    school.mail.for(IVY).find(({ subject }) => subject?.startsWith("Another email address")),
  );
  assert.ok(!`${words.text}${String(words.html)}`.includes("@new.example"));

  // She opens it on her telephone, where she is not signed in.
  const telephone = await people.somebody();
  await telephone.setViewportSize({ width: 360, height: 640 });
  await telephone.goto(linkIn(letter.text ?? "", "account/address"));
  await untilAt(telephone, "Confirm your new email address");
  await fill(telephone, { "Email address": IVY, Password: PASSWORD });
  await press(telephone, "Sign in");
  await telephone.getByText(`So far you sign in with ${IVY}.`).waitFor();
  await telephone.getByText(`New email address: ${NEW}`).waitFor();
  await isAccessible("address-confirm", telephone);
  await press(telephone, "Confirm the new address");
  await untilReads(telephone, `From now on you sign in with ${NEW}. The school sees this change.`);
  await isAccessible("address-confirmed", telephone);
  await follow(telephone, "Go to your account");
  await untilAt(telephone, "Your account at Fairview School");
  await untilReads(telephone, `You sign in with ${NEW}.`);
  await untilReads(telephone, `The school writes to ${NEW}.`);
  // Once: what was opened is over, and so is the first browser's session.
  await telephone.goto(linkIn(letter.text ?? "", "account/address"));
  await press(telephone, "Confirm the new address");
  await telephone.getByText("This link does not work here.").waitFor();
  await isAccessible("address-dead", telephone);
  await ivy.reload();
  await untilAt(ivy, "Sign in to your account");
  await fill(ivy, { "Email address": NEW, Password: PASSWORD });
  await press(ivy, "Sign in");
  await untilAt(ivy, "Your account at Fairview School");
  await until("the old address is told", () =>
    school.mail.for(IVY).find(({ subject }) => subject?.endsWith("has another email address now")),
  );

  // The office is asked, an import undoes nothing, and the records' address stands on the page.
  const { page } = office;
  await page.reload();
  await follow(page, "Approvals (1)");
  await page.getByText(`The parent uses ${NEW}.`).waitFor();
  await untilReads(page, `The school’s records say ${IVY}.`);
  await press(page, "Accept the parent’s address");
  await untilReads(page, `The address kept for Ivy Park is ${NEW}.`);
  await office.checkStudents(`Student,Homeroom,Guardian,E-mail\nZoe Park,,Ivy Park,${IVY}\n`);
  await untilReads(page, "This file changes nothing: everything is as it says.");
  await office.goTo("students");
  await follow(page, "Zoe Park");
  await follow(page, "Ivy Park");
  await page.getByText(`The school’s records have another email address: ${IVY}.`).waitFor();
  await isAccessible("contact-records-email", page);

  // What she asks for and takes back is over.
  await ivy.reload();
  await change.click();
  await askFor(ivy, IVY);
  await press(ivy, "Keep my address as it is");
  await untilReads(ivy, "Your address stays as it is.");
  await untilReads(ivy, `You sign in with ${NEW}.`);
});
