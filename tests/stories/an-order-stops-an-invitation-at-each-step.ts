/**
 * DIR-4 and DIR-5: a court order that is entered while somebody is invited, holds a letter, has the form open or
 * has their account open stops them there. The office reads whom it was; they read nothing of an order.
 */

import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { accessProblems } from "../harness/accessibility.ts";
import { asOffice } from "../harness/as-office.ts";
import { eveningStory } from "../harness/evening-story.ts";
import { fill, follow, press, tick, untilAt, untilReads } from "../harness/form.ts";
import { linkIn } from "../harness/mailbox.ts";
import { eveningOfNow, Office } from "../harness/office.ts";
import { picture } from "../harness/picture.ts";
import type { School } from "../harness/school.ts";
import { until } from "../harness/until.ts";

const PASSWORD = "a quiet river under trees";
const EVE = "eve@home.example";
const KIM = "kim@home.example";
const SAM = "sam@home.example";
const TOM = "tom@home.example";

const STUDENTS = [
  "Student,Classes,Guardian,E-mail",
  `Ada Reed,8B/Ma,Eve Reed,${EVE}`,
  `Kit Park,8B/Ma,Kim Park,${KIM}`,
  "Max Hill,8B/Ma,Ola Hill,",
  `Sol Lane,8B/Ma,Sam Lane,${SAM}`,
  `Zoe Stone,8B/Ma,Tom Stone,${TOM}`,
];

const registrationIn = (text = "") => /https?:\/\/\S+\/register#[\w-]+/.exec(text)?.[0] ?? "";

/** What somebody under an order reads names no order. */
async function saysNothing(page: Page): Promise<void> {
  const words = await page.locator("body").innerText();
  assert.doesNotMatch(words, /court|order\b|barred|forbidden/i, words);
}

async function isAccessible(screen: string, page: Page): Promise<void> {
  assert.deepEqual(await accessProblems(screen, 900, page), []);
  await picture(page, screen);
}

/** Enters an order in another window of the office's, as somebody else in it might. */
async function enterOrder({ page }: Office, school: School, student: string, contact: string) {
  const other = await page.context().newPage();
  await other.goto(`${school.origin}/office/students`);
  await follow(other, student);
  await follow(other, contact);
  await press(other, "Enter a court order");
  await press(other.getByRole("dialog"), "Enter a court order");
  await other.getByText("A court order is on record").first().waitFor();
  await other.close();
}

/** Between the tick and "Send": the others get theirs, one after the other, and he is named. */
async function whileTicked(office: Office, school: School): Promise<void> {
  const { page } = office;
  await follow(page, "User Invitations");
  await tick(page, [/^Eve Reed/, /^Kim Park/, /^Sam Lane/, /^Tom Stone/]);
  await press(page, "Send Invitations");
  const review = page.getByRole("dialog");
  await review.getByText("4 people get an invitation to register.").waitFor();
  await enterOrder(office, school, "Zoe Stone", "Tom Stone");
  school.mail.hold(SAM);
  await press(review, "Send");
  await review.getByText("2 of 3 sent", { exact: true }).waitFor();
  await review.getByText("1 person was not invited:", { exact: true }).waitFor();
  await review.getByText(/^Tom Stone: .*court order/).waitFor();
  await isAccessible("order-while-ticked", page);
  school.mail.letGo();
  await review.getByText("3 of 3 sent", { exact: true }).waitFor();
  await press(review, "Close");
  await page.getByText("There is a court order on this person").waitFor();
  assert.ok(await page.getByLabel(/^Tom Stone/).isDisabled());
}

/** With a letter in her hand: its code leads nowhere, and no e-mail can be asked for. */
async function withLetter(office: Office, school: School, ola: Page): Promise<void> {
  const { page } = office;
  const type = async (code: string) => {
    await ola.goto(school.origin);
    await fill(ola, { "Your whole link": code });
    await press(ola, "Open my link");
  };
  await tick(page, [/^Ola Hill/]);
  await press(page, "Send Invitations");
  const review = page.getByRole("dialog");
  await press(review, "Send");
  await press(review, "Print 1 letter");
  await untilAt(page, "Letters to print");
  const code = (await page.locator(".letter .code").textContent()) ?? "";
  await press(page, "Back to User Invitations");
  await type(code);
  await untilAt(ola, "Create your account");
  await fill(ola, { "Email address": "ola@home.example" });
  await enterOrder(office, school, "Max Hill", "Ola Hill");
  await press(ola, "Send the email");
  await untilAt(ola, "This link does not work");
  await saysNothing(ola);
  await isAccessible("order-letter-open", ola);
  await type(code);
  await untilAt(ola, "This link does not work");
  await saysNothing(ola);
}

/** With the form to choose a password before her eyes. */
async function beforeRegistering(office: Office, school: School, eve: Page): Promise<void> {
  const link = registrationIn((await school.mail.untilFor(EVE)).text);
  await eve.goto(link);
  await untilAt(eve, "Create your account");
  await fill(eve, { Password: PASSWORD });
  await enterOrder(office, school, "Ada Reed", "Eve Reed");
  await press(eve, "Create the account");
  await untilAt(eve, "This link does not work");
  await saysNothing(eve);
  await picture(eve, "order-before-registering");
  // Nothing was made, and nothing that she can ask for is sent.
  await eve.goto(`${school.origin}/account`);
  await fill(eve, { "Email address": EVE, Password: PASSWORD });
  await press(eve, "Sign in");
  await eve.getByRole("alert").first().waitFor();
  await saysNothing(eve);
  await picture(eve, "order-no-account");
}

/** With her account open, and a link to book by in another window. */
async function withAccount(office: Office, school: School, kim: Page): Promise<void> {
  const { page } = office;
  await kim.goto(registrationIn((await school.mail.untilFor(KIM)).text));
  await fill(kim, { Password: PASSWORD });
  await press(kim, "Create the account");
  await untilAt(kim, "Your account at Fairview School");
  await office.createEvening("Year 8", eveningOfNow());
  const letter = await until("a link to book by", () =>
    school.mail.for(KIM).find(({ text }) => text?.includes("/j/")),
  );
  const booking = await kim.context().newPage();
  await booking.goto(linkIn(letter));
  await untilAt(booking, "My Bookings");
  await kim.reload();
  const book = kim.getByRole("button", { name: "Book appointments Year 8" });
  await book.waitFor();
  await enterOrder(office, school, "Kit Park", "Kim Park");
  await book.click();
  await kim.getByRole("alert").first().waitFor();
  await saysNothing(kim);
  await picture(kim, "order-account-press");
  await kim.reload();
  await untilReads(kim, "There is nothing to show here at the moment. Please ask the school.");
  await saysNothing(kim);
  await isAccessible("order-account", kim);
  assert.equal(await kim.getByText("Kit Park").count(), 0);
  await booking.reload();
  await untilAt(booking, "Your invitation has been withdrawn.");
  await saysNothing(booking);
  await picture(booking, "order-booking");
  assert.equal(await booking.getByText("Kit Park").count(), 0);
  await page.bringToFront();
}

eveningStory("an order stops an invitation at each step", async (school, people) => {
  const office = await Office.setUp(await people.somebody(), school);
  const teacher = { name: "Ms Okafor", email: "okafor@fairview.example" };
  const { id } = await asOffice<{ readonly id: string }>(office.page, "POST", "teachers", teacher);
  const one = { name: "8B/Ma", subject: "Mathematics", teachers: [id] };
  await asOffice(office.page, "POST", "classes", one);
  await office.importStudents(STUDENTS.join("\n"));
  await whileTicked(office, school);
  await withLetter(office, school, await people.somebody());
  await beforeRegistering(office, school, await people.somebody());
  await withAccount(office, school, await people.somebody());
  for (const [address, letters] of [
    [TOM, 0],
    ["ola@home.example", 0],
    [EVE, 1],
  ] as const) {
    assert.equal(school.mail.for(address).length, letters, address);
  }
});
