/**
 * DIR-1, DIR-4, DIR-11 and DIR-12: a school comes in from Wonde at a press, with progress and a result; what
 * breaks off changes nothing and says why; and at night by itself, once, also where the program is killed
 * meanwhile. A number that a parent gives stands beside that of the night's import until the office decides.
 */

import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { test } from "node:test";
import type { Page } from "playwright-core";
import type { InformationSystem, Notices, SchoolSettings } from "../../web/src/wire/messages.ts";
import { accessProblems } from "../harness/accessibility.ts";
import { asOffice } from "../harness/as-office.ts";
import { withSchool } from "../harness/evening-story.ts";
import { fill, follow, press, tick, untilAt, untilReads } from "../harness/form.ts";
import { Office } from "../harness/office.ts";
import { picture } from "../harness/picture.ts";
import type { School } from "../harness/school.ts";
import { until } from "../harness/until.ts";
import {
  type Contact,
  dayZone,
  eveningBefore,
  nightZone,
  SCHOOL,
  type Student,
  TOKEN,
  Wonde,
} from "../harness/wonde.ts";

const EVE = { id: "C1", forename: "Eve", email: "eve@home.example", relationship: "Mother" };
const TOM = {
  id: "C2",
  forename: "Tom",
  email: "tom@home.example",
  relationship: "Father",
  court_order: true,
  parental_responsibility: false,
};
const NAN = {
  id: "C3",
  forename: "Nan",
  relationship: "Neighbour",
  parental_responsibility: false,
};

const STUDENTS: readonly Student[] = [
  { id: "A1", forename: "Ada", contacts: [EVE, TOM, NAN] },
  { id: "A2", forename: "Leo", contacts: [EVE] },
  { id: "A3", forename: "Mia", contacts: [] },
];

async function isAccessible(screen: string, width: number, page: Page): Promise<void> {
  await page.setViewportSize({ width, height: 900 });
  assert.deepEqual(await accessProblems(screen, width, page), []);
  await picture(page, screen);
  await page.setViewportSize({ width: 1280, height: 900 });
}

async function importNow(page: Page, words: string | RegExp): Promise<void> {
  const { last } = await asOffice<InformationSystem>(page, "GET", "system");
  await press(page, "Import now");
  // What the run before has said may stand there still.
  await untilDone(page, last?.began);
  await page.getByText(words).first().waitFor();
  await page.getByRole("button", { name: "Import now" }).waitFor();
}

async function untilDone(page: Page, before: string | undefined): Promise<InformationSystem> {
  return until("the run has ended", async () => {
    const system = await asOffice<InformationSystem>(page, "GET", "system");
    // Where one was cut off there is none for a moment, until that is noted.
    const isOver = system.running === undefined && system.last !== undefined;
    return isOver && system.last?.began !== before && system;
  });
}

async function isNowhere(secret: string, school: School): Promise<void> {
  assert.ok(!school.log.includes(secret), "the log does not hold it");
  for (const name of await readdir(school.folder)) {
    if (name.startsWith("homeroom.sqlite")) {
      const bytes = await readFile(`${school.folder}/${name}`);
      assert.ok(!bytes.includes(secret), `${name} does not hold it`);
    }
  }
}

async function byPress(page: Page, wonde: Wonde): Promise<void> {
  await untilAt(page, "Import students, teachers and classes");
  await follow(page, "Import from an information system (Wonde), or from a folder by night");
  await untilAt(page, "Import from an information system");
  await press(page, "Save");
  await page.getByText("Enter the token as Wonde shows it, without spaces").first().waitFor();
  await fill(page, { "School id at Wonde": SCHOOL, Token: "another" });
  await press(page, "Save");
  await untilReads(page, "Wonde has been saved.");
  await importNow(page, /Wonde does not accept the token/);
  await fill(page, { Token: TOKEN });
  await press(page, "Save");
  await until("it is kept", async () => (await page.getByLabel("Token").inputValue()) === "");

  wonde.hold("students 2");
  await press(page, "See what would change");
  await untilReads(page, "Reading students with their parents and guardians: 2 so far");
  await isAccessible("system-running", 1280, page);
  wonde.letGo();
  await untilReads(page, "This is what an import would do. Nothing has been changed.");
  await untilReads(page, "5 new, 0 changed, 0 as they are, 0 refused");
  await untilReads(page, "Enters a court order on Tom Reed");
  await isAccessible("system-tried", 1280, page);
  await importNow(page, "The import is done.");
  await importNow(page, "0 new, 0 changed, 5 as they are, 0 refused");
}

async function withFaults(page: Page, wonde: Wonde): Promise<void> {
  wonde.students = STUDENTS.slice(0, 2).concat({ id: "A4", forename: "Zoe", contacts: [] });
  wonde.fail("students 2", { status: 500 });
  await importNow(page, "Where it broke off: students, page 2: status 500");
  await page.getByText("Nothing has been changed: Wonde had a fault of its own.").waitFor();
  await isAccessible("system-failed", 360, page);
  wonde.fail("students 2", { status: 429, headers: { "retry-after": "3600" } });
  await importNow(page, /Wonde asked us to wait/);
  wonde.fail("classes 1", { status: 200, body: "<html>down for maintenance</html>" });
  await importNow(page, "Where it broke off: classes, page 1: the answer is no JSON");
  const more = { pagination: { more: true, next: null } };
  const gap = JSON.stringify({ data: [], meta: more });
  wonde.fail("students 1", { status: 200, body: gap });
  await importNow(page, /there are more pages, and it does not say where/);
  // Told to wait for a moment it does, and goes on.
  wonde.fail("students 2", { status: 429, headers: { "retry-after": "1" } }, 1);
  wonde.students = STUDENTS.slice(0, 1);
  await importNow(page, /People who would leave: 2 in all/);
  await page.getByText("Leo Reed has left").waitFor();
  await isAccessible("system-asks", 360, page);
  await press(page, "Yes, import all the same");
  await page.getByText("The import is done.").waitFor();
  await page.getByText("Leo Reed has left").waitFor();
  wonde.getWell();
}

/** It is about nobody here: it is not shown again while Wonde says the same, and is taken back. */
async function dismissOrder(page: Page): Promise<void> {
  const order = "Zed Reed, a contact of Max Reed";
  await press(page, `Dismiss ${order}`);
  await press(page.getByRole("dialog"), "Dismiss");
  await untilReads(page, `Dismissed: ${order}.`);
  await page.getByText("Nothing to decide.").waitFor();
  const notices = await asOffice<Notices>(page, "GET", "notices");
  assert.doesNotMatch(JSON.stringify(notices), /A court order/);
  await page.goto(new URL("/office/import/system", page.url()).href);
  await importNow(page, /Nobody has left, because 1 row is refused/);
  assert.equal(await page.getByText("A court order could not be entered").count(), 0);
  await page.goto(new URL("/office/approvals", page.url()).href);
  await page.getByText("1 court order was dismissed").click();
  await isAccessible("approvals-dismissed", 360, page);
  await press(page, `Show again ${order}`);
  await untilReads(page, "A court order could not be entered");
}

/** A row that is refused keeps no order out, and it is said that nobody has left because of it. */
async function withRefusedRow(page: Page, wonde: Wonde): Promise<void> {
  const rob = { id: "C9", forename: "Rob", email: "rob@home.example", relationship: "Father" };
  const zed = { id: "", forename: "Zed", relationship: "Uncle", court_order: true };
  const max = (...contacts: Contact[]) => ({ id: "A9", forename: "Max", contacts });
  const with1 = (student: Student) => [...STUDENTS.slice(0, 1), student];
  wonde.students = with1(max(rob));
  await importNow(page, "The import is done.");
  wonde.students = with1(max({ ...rob, court_order: true }, zed));
  await importNow(page, /Nobody has left, because 1 row is refused\. 2 people are no longer named/);
  await untilReads(page, "A court order could not be entered");
  await page.getByText("Zed Reed, a contact of Max Reed").waitFor();
  await page.getByText("Enters a court order on Rob Reed", { exact: true }).waitFor();
  await isAccessible("system-unentered", 360, page);
  const notices = await asOffice<Notices>(page, "GET", "notices");
  assert.match(JSON.stringify(notices), /A court order that the information system says/);
  await page.goto(new URL("/office/approvals", page.url()).href);
  await page.getByText("Zed Reed, a contact of Max Reed").first().waitFor();
  await isAccessible("approvals-unentered", 1280, page);
  await dismissOrder(page);
  // With the row that is taken, nothing waits any more.
  wonde.students = with1(max(rob));
  await page.goto(new URL("/office/import/system", page.url()).href);
  await importNow(page, "0 new, 0 changed, 4 as they are, 0 refused");
  await page.goto(new URL("/office/approvals", page.url()).href);
  await page.getByText("Nothing to decide.").waitFor();
  wonde.students = STUDENTS.slice(0, 1);
  await page.goto(new URL("/office/import/system", page.url()).href);
  await importNow(page, /People who would leave: 2 in all/);
  await press(page, "Yes, import all the same");
  await page.getByText("The import is done.").waitFor();
}

/** A parent registers, and gives another telephone number than Wonde says. */
async function givesNumber(page: Page, school: School, parent: Page): Promise<void> {
  await tick(page, [/^Eve Reed/]);
  await press(page, "Send Invitations");
  await page.getByRole("dialog").getByRole("button", { name: "Send", exact: true }).click();
  const letter = await school.mail.untilFor(EVE.email);
  await parent.goto(/https?:\/\/\S+\/register#[\w-]+/.exec(letter.text ?? "")?.[0] ?? "");
  await untilAt(parent, "Create your account");
  await fill(parent, { Password: "a quiet river under trees" });
  await press(parent, "Create the account");
  await untilAt(parent, "Your account at Fairview School");
  await parent.getByText("Your contact details", { exact: true }).click();
  await fill(parent, { "Telephone number": "01632 960456" });
  await parent.getByLabel("My telephone number", { exact: true }).first().check();
  await press(parent, "Save");
  await untilReads(parent, "Your contact details are saved.");
}

/** The night brought the old one: both stand until the office decides, and the next import asks no more. */
async function decideNumber(page: Page, school: School, parent: Page): Promise<void> {
  await page.goto(`${school.origin}/office/approvals`);
  await page.getByText("The parent gives 01632 960456").waitFor();
  await untilReads(page, "The school’s records say 01632 960001.");
  await parent.reload();
  await parent.getByText("Your contact details", { exact: true }).click();
  const both = "You gave 01632 960456. The records of Fairview School say 01632 960001.";
  await parent.getByText(both).waitFor();
  await press(page, "Accept the parent’s number");
  await untilReads(page, "The number kept for Eve Reed is 01632 960456.");
  const { last } = await asOffice<InformationSystem>(page, "GET", "system");
  await asOffice(page, "POST", "system/run", { apply: true });
  assert.equal((await untilDone(page, last?.began)).last?.outcome, "done");
  await page.reload();
  await page.getByText("Nothing to decide.").waitFor();
  await parent.reload();
  await parent.getByText("Your contact details", { exact: true }).click();
  const number = parent.getByLabel("Telephone number", { exact: true });
  assert.equal(await number.inputValue(), "01632 960456");
}

async function byNight(page: Page, school: School, wonde: Wonde): Promise<void> {
  const zone = async (time_zone: string) => {
    const settings = await asOffice<SchoolSettings>(page, "GET", "school/settings");
    await asOffice(page, "PUT", "school/settings", { ...settings, time_zone });
  };
  // It was connected yesterday, and now it is night.
  const now = new Date();
  await zone(eveningBefore(now));
  const draft = { region: "world", school: SCHOOL, nightly: true };
  const { last } = await asOffice<InformationSystem>(page, "PUT", "system", draft);
  wonde.students = STUDENTS;
  wonde.hold("students 2");
  await zone(nightZone(now));
  school.kill();
  const before = wonde.runs;
  // Killed at any moment, it is not half done; and it is done in the same night.
  await school.startAgain();
  await until("it asks by itself", () => wonde.holds);
  school.kill();
  wonde.letGo();
  await school.startAgain();
  const { last: night } = await untilDone(page, last?.began);
  assert.ok(night !== undefined);
  const done = await untilDone(page, night.outcome === "stopped" ? night.began : last?.began);
  assert.equal(done.last?.outcome, "done");
  assert.equal(wonde.runs, before + 2, "once cut off, and once to its end");
  await page.goto(`${school.origin}/office/students`);
  await page.getByRole("link", { name: "Leo Reed" }).waitFor();
  // Once a night.
  school.kill();
  await school.startAgain();
  await asOffice(page, "POST", "system/run", { apply: false });
  const pressed = await untilDone(page, done.last?.began);
  assert.equal(pressed.last?.outcome, "tried", "no second night");
  assert.equal(wonde.runs, before + 3);
}

test("a school comes in by Wonde, at a press and by night", async () => {
  const wonde = await Wonde.open();
  try {
    wonde.students = STUDENTS;
    const settings = { HOMEROOM__IMPORT__WONDE_URL: wonde.origin };
    await withSchool(
      "a school comes in by Wonde",
      async (school, people) => {
        const office = await Office.setUp(await people.somebody(dayZone()), school);
        const { page } = office;
        await office.goTo("import");
        await byPress(page, wonde);
        await withFaults(page, wonde);
        await withRefusedRow(page, wonde);
        await office.goTo("invitations");
        await fill(page, { "Pupil Search": "ada" });
        await press(page, "Search");
        await page.getByText("There is a court order on this person").waitFor();
        assert.equal(await page.getByText("Nan Reed").count(), 0, "a neighbour is no guardian");
        const parent = await people.somebody();
        await givesNumber(page, school, parent);
        await byNight(page, school, wonde);
        await decideNumber(page, school, parent);
        const shown = await asOffice<InformationSystem>(page, "GET", "system");
        assert.ok(!JSON.stringify(shown).includes(TOKEN), "it is given back by nothing");
        await isNowhere(TOKEN, school);
      },
      settings,
    );
  } finally {
    await wonde.close();
  }
});
