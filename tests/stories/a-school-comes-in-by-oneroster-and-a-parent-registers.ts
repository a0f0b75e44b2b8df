/**
 * DIR-1 to DIR-5, DIR-9, DIR-11 and EVE-5: an empty school takes a OneRoster export, invites its contacts but
 * not whom a court order concerns, and a parent makes an account, books and invites without a link, and finds both there.
 */

import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { accessProblems } from "../harness/accessibility.ts";
import { eveningStory } from "../harness/evening-story.ts";
import { fill, follow, press, tick, untilAt, untilReads } from "../harness/form.ts";
import { linkIn } from "../harness/mailbox.ts";
import { eveningOfNow, Office } from "../harness/office.ts";
import { picture } from "../harness/picture.ts";
import { zipOf } from "../harness/zip.ts";

const PASSWORD = "a quiet river under trees";
const PARENT = "eve@home.example";

const USERS = [
  "sourcedId,status,dateLastModified,enabledUser,orgSourcedIds,role,username,userIds,givenName,familyName,middleName,identifier,email,sms,phone,agentSourcedIds,grades,password",
  'u-ada,,,true,S,student,ada,,Ada,Reed,,1042,,,,"p-eve,p-tom,p-ron",08,',
  "u-leo,,,true,S,student,leo,,Leo,Reed,,1043,,,,p-eve,08,",
  `p-eve,,,true,S,parent,eve,,Eve,Reed,,,${PARENT},,,,,`,
  "p-tom,,,true,S,parent,tom,,Tom,Hill,,,tom@home.example,,,,,",
  "p-ron,,,true,S,relative,ron,,Ron,Reed,,,,,,,,",
  "t-1,,,true,S,teacher,okafor,,Ngozi,Okafor,,,okafor@fairview.example,,,,,",
];

const EXPORT = {
  "manifest.csv":
    "propertyName,value\nmanifest.version,1.0\noneroster.version,1.1\nfile.orgs,bulk\nfile.users,bulk\nfile.classes,bulk\nfile.enrollments,bulk\n",
  "orgs.csv": "sourcedId,status,dateLastModified,name,type\nS,,,Fairview School,school\n",
  "classes.csv":
    "sourcedId,status,dateLastModified,title,grades,courseSourcedId,classCode,classType,location,schoolSourcedId,termSourcedIds,subjects,subjectCodes,periods\nK1,,,8B French,08,,8B/Fr,scheduled,,S,T,French,,\n",
  "enrollments.csv":
    "sourcedId,status,dateLastModified,classSourcedId,schoolSourcedId,userSourcedId,role,primary,beginDate,endDate\nE1,,,K1,S,u-ada,student,,,\nE2,,,K1,S,u-leo,student,,,\nE3,,,K1,S,t-1,teacher,true,,\n",
};

const exported = (users: readonly string[]) => ({
  name: "oneroster.zip",
  mimeType: "application/zip",
  buffer: zipOf({ ...EXPORT, "users.csv": users.join("\n") }),
});

async function check(office: Office, users: readonly string[]): Promise<void> {
  await office.goTo("import");
  await office.page.getByLabel("zip file").setInputFiles(exported(users));
  await press(office.page, "Check the file");
  await untilAt(office.page, "What the import would do");
}

async function isAccessible(screen: string, page: Page): Promise<void> {
  assert.deepEqual(await accessProblems(screen, 1280, page), []);
  await picture(page, screen);
}

/** From the account, without a link: a time for each of the two students, and somebody who comes along. */
async function booksAndInvites(parent: Page): Promise<void> {
  await follow(parent, "Choose appointments");
  for (const _student of ["Ada Reed", "Leo Reed"]) {
    await untilAt(parent, "Choose appointments");
    await parent.getByRole("link", { name: "Choose a time" }).first().click();
    await untilAt(parent, "Choose a time");
    await parent.locator("input[type=radio]:not(:disabled)").first().check();
    await press(parent, "Book this time");
  }
  await untilAt(parent, "Choose appointments");
  await follow(parent, "Go to My Bookings");
  await untilAt(parent, "My Bookings");
  await follow(parent, "Invite Parent/Guardian");
  await fill(parent, { "Their name": "Nan Grey", "Their email address": "nan@home.example" });
  await tick(parent, ["Ada Reed", /consent/]);
  await press(parent, "Send Invite");
  await untilAt(parent, "Manage Invites");
}

/** The evening as the account shows it. */
async function listsBoth(parent: Page): Promise<void> {
  const evening = parent.getByRole("listitem").filter({
    has: parent.getByRole("heading", { name: "Year 8", exact: true }),
  });
  for (const student of ["Ada Reed", "Leo Reed"]) {
    const line = new RegExp(`\\d\\d:\\d\\d.* · ${student} · French · Ngozi Okafor$`);
    await evening.getByRole("listitem").filter({ hasText: line }).waitFor();
  }
  await evening.getByText("You have invited Nan Grey.", { exact: true }).waitFor();
}

eveningStory(
  "a school comes in by OneRoster, and a parent registers and books",
  async (school, people) => {
    const office = await Office.setUp(await people.somebody(), school);
    const { page } = office;
    await check(office, USERS);
    await untilReads(page, "4 new, 0 changed, 0 as they are, 0 refused");
    await isAccessible("import-oneroster", page);
    await press(page, "Import now");
    await untilAt(page, "The import is done");
    await check(office, USERS);
    await untilReads(page, "This file changes nothing: everything is as it says.");
    // Half of them are gone from a later one: it is asked first.
    await check(office, USERS.slice(0, 2).concat(USERS.slice(3, 4), USERS.slice(6)));
    await page.getByText("This file no longer names more than a fifth").waitFor();
    await untilReads(page, "Leo Reed has left");
    await isAccessible("import-leaving", page);

    // A court order on one of them.
    await office.goTo("students");
    await follow(page, "Ada Reed");
    await follow(page, "Tom Hill");
    await press(page, "Enter a court order");
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("button", { name: "Enter a court order", exact: true }).click();
    await untilReads(page, "A court order is on record");

    await follow(page, "User Invitations");
    await untilAt(page, "User Invites for Pupils & Contacts");
    await fill(page, { "Pupil Search": "ada" });
    await press(page, "Search");
    const ada = page.getByRole("listitem").filter({ hasText: "Ada Reed" });
    await ada.getByText("Not Registered").first().waitFor();
    assert.ok(await page.getByLabel(/^Tom Hill/).isDisabled(), "an order keeps him away");
    await ada.getByText("There is a court order on this person").waitFor();
    assert.ok(
      await page.getByLabel(/^Ron Reed/).isEnabled(),
      "he has no address, and gets a letter",
    );
    await isAccessible("user-invitations", page);
    await press(page, "Send Invitations");
    await page.getByRole("alert").getByText("Tick at least one contact").waitFor();
    await tick(page, ["Parents"]);
    await press(page, "Send Invitations");
    const review = page.getByRole("dialog");
    await review.getByText(`Eve Reed, ${PARENT} (Ada Reed, Leo Reed)`).waitFor();
    await review.getByText("Ron Reed, by printed letter").waitFor();
    await review.getByText("2 people get an invitation").waitFor();
    await isAccessible("user-invitations-review", page);
    await review.getByRole("button", { name: "Send", exact: true }).click();
    await review.getByText("1 of 1 sent").waitFor();
    await review.getByText("1 letter waits to be printed.").waitFor();
    await isAccessible("user-invitations-sent", page);
    await review.getByRole("button", { name: "Close", exact: true }).click();
    await ada.getByText("Invited, until").waitFor();

    // Sent again, the older link is dead.
    const first = await school.mail.untilFor(PARENT);
    await tick(page, [/^Eve Reed/]);
    await press(page, "Send Invitations");
    await review.getByRole("button", { name: "Send", exact: true }).click();
    const second = await school.mail.untilFor(PARENT, 2);
    await review.getByRole("button", { name: "Close", exact: true }).click();
    assert.equal(second.subject, "Create your account for Fairview School");
    assert.match(second.text ?? "", /This invitation expires on /);
    const [old, link] = [first, second].map(
      ({ text }) => /https?:\/\/\S+\/register#[\w-]+/.exec(text ?? "")?.[0] ?? "",
    );
    const parent = await people.somebody();
    await parent.goto(old ?? "");
    await untilAt(parent, "There is a newer invitation");
    await isAccessible("register-replaced", parent);
    await parent.goto(link ?? "");
    await untilAt(parent, "Create your account");
    await parent
      .getByText("You see what the school knows of you and of Ada Reed and Leo")
      .waitFor();
    await isAccessible("register", parent);
    await fill(parent, { Password: "Fairview2026" });
    await press(parent, "Create the account");
    await parent.getByRole("alert").getByText("This password is easy to guess.").waitFor();
    await fill(parent, { Password: PASSWORD });
    await press(parent, "Create the account");
    await untilAt(parent, "Your account at Fairview School");
    await untilReads(parent, "There is no parents’ evening to come.");
    assert.equal(school.mail.for("tom@home.example").length, 0);

    // EVE-5: opening it sends whoever is a guardian and may be written to a link to book by.
    await office.createEvening("Year 8", eveningOfNow());
    const third = await school.mail.untilFor(PARENT, 3);
    await parent.goto(linkIn(third));
    await untilReads(parent, "You have no appointments yet.");
    assert.equal(school.mail.for("tom@home.example").length, 0);
    await parent.goto(`${school.origin}/account`);
    await untilAt(parent, "Your account at Fairview School");
    await isAccessible("account", parent);
    await parent.getByRole("button", { name: "Book appointments Year 8" }).click();
    await untilAt(parent, "My Bookings");
    await booksAndInvites(parent);
    await parent.goto(`${school.origin}/account`);
    await listsBoth(parent);
    await isAccessible("account-booked", parent);
    await parent.reload();
    await listsBoth(parent);
    await press(parent, "Sign out");
    await untilAt(parent, "Sign in to your account");
    await isAccessible("account-sign-in", parent);
    // Whoever has mistyped the address for a link enters another, or goes back.
    await press(parent, "Forgotten password, or sign in by email");
    await fill(parent, { "Email address": "eva@home.example" });
    await press(parent, "Send me a link");
    await press(parent, "Use another address");
    await fill(parent, { "Email address": PARENT });
    await press(parent, "Back to sign in");
    await fill(parent, { "Email address": PARENT, Password: PASSWORD });
    await press(parent, "Sign in");
    await untilAt(parent, "Your account at Fairview School");

    await follow(page, "User Invitations");
    await fill(page, { "Pupil Search": "leo" });
    await press(page, "Search");
    // Until then those of before are shown, two of them with her.
    await untilReads(page, "1 pupil");
    await page.getByText("Registered", { exact: true }).first().waitFor();
    assert.ok(await page.getByLabel(/^Eve Reed/).isDisabled(), "she has an account");

    // One search finds staff too, and whoever was taken off their only student.
    const search = async (words: string) => {
      await office.goTo("students");
      await fill(page, { "Search for a student, parent or member of staff": words });
      await press(page, "Search");
    };
    await search("OKAFÓR");
    await follow(page, "Ngozi Okafor");
    await page.getByLabel("Email address").waitFor();
    await search("ron reed");
    await follow(page, "Ada Reed");
    await follow(page, "Ron Reed");
    await press(page, "Remove from this person");
    await dialog.getByRole("button", { name: "Remove from this person", exact: true }).click();
    await untilReads(page, "Ron Reed is no longer a parent or guardian of Ada Reed.");
    await search("ron reed");
    await page.getByText("Contact of no student").waitFor();
    assert.equal(await page.getByText("Nobody of this name was found.").count(), 0);
    await isAccessible("students-others", page);
    await follow(page, "Ron Reed");
    await press(page, "Erase this person");
    await dialog.getByRole("button", { name: "Erase this person", exact: true }).click();
    await untilAt(page, "Students");
  },
);
