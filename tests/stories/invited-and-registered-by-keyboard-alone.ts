/**
 * SCR-9, DIR-3, DIR-5, DIR-8 and DIR-9: the office invites, and two parents give their details and register, without a mouse,
 * by the names that a screen reader is given.
 */

import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import type { Pupils } from "../../web/src/wire/messages.ts";
import { accessProblems } from "../harness/accessibility.ts";
import { asOffice } from "../harness/as-office.ts";
import { eveningStory } from "../harness/evening-story.ts";
import { untilAt, untilReads } from "../harness/form.ts";
import { activate, tabTo, toggle, typeInto } from "../harness/keyboard.ts";
import { Office } from "../harness/office.ts";

const PASSWORD = "a quiet river under trees";
const EVE = "eve@home.example";
const IVY = "ivy@home.example";

const registrationIn = (text = "") => /https?:\/\/\S+\/register#[\w-]+/.exec(text)?.[0] ?? "";

async function isAccessible(screen: string, page: Page): Promise<void> {
  assert.deepEqual(await accessProblems(screen, 900, page), []);
}

/** A form without what it needs says so: the summary takes the focus, and its entry leads to the field. */
async function leadsTo(page: Page, problem: string): Promise<void> {
  await page.locator(".errors:focus").filter({ hasText: "There is a problem" }).waitFor();
  await activate(page, problem);
}

const focusIn = (page: Page, selector: string) =>
  page.locator(`${selector}:focus, ${selector} :focus`).first().waitFor({ state: "attached" });

/** The window is closed and opened again in one breath, before the browser says that it is closed. */
async function opensAgainAtOnce(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const pressed = (name: string) =>
      [...document.querySelectorAll("button")].find((one) => one.textContent === name)?.click();
    pressed("Go back");
    // What is drawn by then is drawn before anything else comes to pass.
    for (let turn = 0; turn < 10; turn += 1) {
      await Promise.resolve();
    }
    pressed("Send Invitations");
  });
}

/** Searches, ticks, opens the window, leaves it by Escape, opens it again and sends. */
async function invites(page: Page): Promise<void> {
  await activate(page, "User Invitations");
  await untilAt(page, "User Invites for Pupils & Contacts");
  await typeInto(page, "Pupil Search", "ada");
  await page.keyboard.press("Enter");
  await untilReads(page, "1 pupil");
  await toggle(page, /^Eve Reed/);
  await untilReads(page, "1 contact is ticked");
  // The button stands before the list.
  await page.keyboard.press("Shift+Tab");
  await page.locator("button:focus").filter({ hasText: "Send Invitations" }).waitFor();
  await page.keyboard.press("Enter");
  const review = page.getByRole("dialog", { name: "Review who is invited" });
  await review.getByText("1 person gets an invitation to register.").waitFor();
  await focusIn(page, "dialog");
  await isAccessible("keyboard-review", page);
  await page.keyboard.press("Escape");
  await review.waitFor({ state: "detached" });
  await page.locator("button:focus").filter({ hasText: "Send Invitations" }).waitFor();
  await page.keyboard.press("Enter");
  await review.waitFor();
  await opensAgainAtOnce(page);
  await review.waitFor();
  // Whatever is behind the window cannot be reached from it.
  for (let tab = 0; tab < 6; tab += 1) {
    await page.keyboard.press("Tab");
    const inside =
      "document.activeElement === document.body || document.activeElement.closest('dialog') !== null";
    assert.ok(await page.evaluate(inside), "the focus stays in the window");
  }
  await activate(page, "Send");
  const sent = page.getByRole("dialog", { name: "Invitations are on their way" });
  await sent.getByText("1 of 1 sent", { exact: true }).waitFor();
  await focusIn(page, "dialog");
  await page.keyboard.press("Escape");
  await sent.waitFor({ state: "detached" });
  await page.getByText("Invited, until").waitFor();
  await page.locator("button:focus").filter({ hasText: "Send Invitations" }).waitFor();
}

/** Somebody who is asked for nothing but a password. */
async function registers(page: Page, link: string): Promise<void> {
  await page.goto(link);
  await untilAt(page, "Create your account");
  await activate(page, "Create the account");
  await leadsTo(page, "Choose a password of at least 12 characters");
  await isAccessible("keyboard-register", page);
  await page.keyboard.type(PASSWORD);
  await page.keyboard.press("Enter");
  await untilAt(page, "Your account at Fairview School");
}

/** Somebody who says more, adds another parent, and changes later what they said. */
async function givesDetails(page: Page, link: string): Promise<void> {
  await page.goto(link);
  await untilAt(page, "Enter your contact details");
  await typeInto(page, "Telephone number", "01632 960123");
  await toggle(page, "Zoe Park");
  await toggle(page, "My email address");
  await isAccessible("keyboard-details", page);
  await activate(page, "Save and continue");
  await untilAt(page, "Create your account");
  await activate(page, "Add another parent");
  await page.keyboard.type("Sun Park");
  await typeInto(page, "Their email address", "sun@home.example");
  await page.keyboard.press("Enter");
  await untilReads(page, "Your school needs to approve this invitation.");
  await page.locator("button:focus").filter({ hasText: "Add another parent" }).waitFor();
  await isAccessible("keyboard-other-parent", page);
  await typeInto(page, "Password", PASSWORD);
  await page.keyboard.press("Enter");
  await untilAt(page, "Your account at Fairview School");
  await activate(page, "Your contact details");
  await tabTo(page, "Telephone number");
  await page.keyboard.press("Control+A");
  await page.keyboard.type("01632 960456");
  await activate(page, "Save");
  await untilReads(page, "Your contact details are saved.");
  await isAccessible("keyboard-account", page);
}

eveningStory("invited and registered by keyboard alone", async (school, people) => {
  const office = await Office.setUp(await people.somebody(), school);
  const { page } = office;
  await office.importStudents(`Student,Guardian,E-mail\nAda Reed,Eve Reed,${EVE}\nZoe Park,,\n`);
  const { pupils } = await asOffice<Pupils>(page, "POST", "registrations/search", {
    search: "Zoe",
  });
  const student = pupils[0]?.id ?? "";
  await asOffice(page, "POST", `students/${student}/invite`, { name: "Ivy Park", email: IVY });
  await invites(page);
  const parent = await people.somebody();
  await registers(parent, registrationIn((await school.mail.untilFor(EVE)).text));
  const other = await people.somebody();
  await givesDetails(other, registrationIn((await school.mail.untilFor(IVY)).text));
});
