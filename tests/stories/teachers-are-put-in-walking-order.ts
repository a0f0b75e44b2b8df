/** EVE-2, SCR-9: the office sets the walking order without a mouse, and chosen times follow it. */

import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { accessProblems } from "../harness/accessibility.ts";
import { eveningStory } from "../harness/evening-story.ts";
import { follow, press, untilAt, untilReads } from "../harness/form.ts";
import { activate, tabTo } from "../harness/keyboard.ts";
import { linkIn } from "../harness/mailbox.ts";
import { eveningOfNow, Office } from "../harness/office.ts";
import { picture } from "../harness/picture.ts";
import { until } from "../harness/until.ts";

const MARIA = { name: "Maria Santos", email: "maria@example.org" };
const TEACHERS = [
  ["Ms Okafor", "8B/Ma", "Mathematics"],
  ["Mr Brandt", "8B/Mu", "Music"],
  ["Dr Haddad", "8B/Fr", "French"],
] as const;

/** The names in the order of the page. */
function order(page: Page): Promise<string[]> {
  return page.getByRole("rowheader").getByRole("link").allTextContents();
}

function focused(page: Page): Promise<string> {
  return page.evaluate(() => document.activeElement?.textContent ?? "");
}

eveningStory("teachers are put in walking order", async (school, people) => {
  const office = await Office.setUp(await people.somebody(), school);
  const { page } = office;
  for (const [teacher, name, subject] of TEACHERS) {
    await office.addTeacher(teacher, "");
    await office.addClass(name, subject, [teacher]);
  }
  const classes = TEACHERS.map(([, name]) => name);
  await office.addPupil({ name: "Ana Santos", classes, guardians: [MARIA] });

  await office.goTo("teachers");
  await untilReads(page, "3 teachers");
  assert.deepEqual(await order(page), ["Ms Okafor", "Mr Brandt", "Dr Haddad"]);
  await activate(page, "Move up Dr Haddad");
  await untilReads(page, "Dr Haddad is now number 2 of 3.");
  await until("the focus goes along", async () => (await focused(page)) === "Move up Dr Haddad");
  await page.keyboard.press("Enter");
  await untilReads(page, "Dr Haddad is now number 1 of 3.");
  await until("the focus stays", async () => (await focused(page)) === "Move up Dr Haddad");
  // There is nothing above the first: pressed again, it stays, and so does the focus.
  await page.keyboard.press("Enter");
  await activate(page, "Move down Ms Okafor");
  await untilReads(page, "Ms Okafor is now number 3 of 3.");
  await tabTo(page, "Evenings");
  const wanted = ["Dr Haddad", "Mr Brandt", "Ms Okafor"];
  assert.deepEqual(await order(page), wanted);
  await page.reload();
  await untilReads(page, "3 teachers");
  assert.deepEqual(await order(page), wanted);

  await office.createEvening("Autumn evening", eveningOfNow(), { sends: false });
  await office.sendLinks("parents");
  const maria = await people.somebody();
  await maria.goto(linkIn(await school.mail.untilFor(MARIA.email)));
  await untilAt(maria, "My Bookings");
  await follow(maria, "Choose appointments");
  await follow(maria, "Choose the times for me");
  await press(maria, "Book these appointments");
  await untilReads(maria, "3 appointments are booked");
  const booked = await maria.locator("ul.list li p:nth-child(2)").allTextContents();
  assert.deepEqual(
    booked.map((text) => text.split(",")[0]?.trim()),
    ["French", "Music", "Mathematics"],
  );

  // Whoever has left is erased at a press, and is nobody who could be brought back (DIR-10).
  await office.addTeacher("Mr Weiss", "weiss@example.org");
  await office.goTo("teachers");
  await follow(page, "Mr Weiss");
  await press(page, "Delete this teacher");
  await press(page.getByRole("dialog"), "Delete this teacher");
  await untilAt(page, "Teachers");
  await page.getByText("1 teacher who has left").first().click();
  assert.deepEqual(await accessProblems("teachers who left", 1280, page), []);
  await picture(page, "teachers-left");
  await press(page, "Erase Mr Weiss");
  const erasing = page.getByRole("dialog", { name: "Erase Mr Weiss?" });
  await picture(page, "teacher-erase");
  await press(erasing, "Erase");
  await untilReads(page, "Mr Weiss has been erased.");
  assert.equal(await page.getByText("weiss@example.org").count(), 0);
  assert.equal(await page.getByText("who has left").count(), 0);
});
