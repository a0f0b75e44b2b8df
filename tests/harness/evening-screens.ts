/** Every page of an evening, each brought about as people bring it about. */

import type { Page } from "playwright-core";
import { fill, follow, press, tick, untilAt, untilReads } from "./form.ts";
import { linkIn } from "./mailbox.ts";
import { eveningOfNow, Office } from "./office.ts";
import { showColumns, showForgotten, showMeanwhile, showRefusal } from "./office-screens.ts";
import type { People } from "./people.ts";
import type { School } from "./school.ts";

const MARIA = { name: "Maria Santos", email: "maria@example.org" };
const RUI = { name: "Rui Santos", email: "rui@example.org" };
const PAULO = { name: "Paulo Santos", email: "paulo@example.org" };

export type Look = (screen: string, width: number, page: Page) => Promise<void>;

/** Shows each page to `look`, at each of these widths. */
export async function eachEveningScreen(
  school: School,
  people: People,
  widths: readonly number[],
  look: Look,
): Promise<void> {
  const show = async (screen: string, page: Page) => {
    for (const width of widths) {
      await page.setViewportSize({ width, height: width > 600 ? 800 : 740 });
      await look(screen, width, page);
    }
  };
  const somebody = await people.somebody();
  await somebody.goto(`${school.origin}/office`);
  await untilAt(somebody, "Sign in");
  await show("sign-in", somebody);
  await showForgotten(somebody, show);
  await somebody.goto(school.setup);
  await press(somebody, "Set up");
  await show("set-up-problems", somebody);
  const office = await Office.setUp(await people.somebody(), school);
  await showWaysIn(school, people, show);
  await showOfficeBefore(office, show);
  const { guest } = await showParent(school, people, show);
  await showTeacher(school, people, show);
  await showOfficeDuring(office, show);
  await showRefusal(office, { school, people, parent: MARIA.email }, show);
  await showColumns(office, show);
  await showMeanwhile(office, "Ana Santos", show);

  await office.goTo("");
  await follow(office.page, "Autumn evening");
  await follow(office.page, "Invitations");
  const invitation = office.page.getByRole("listitem").filter({ hasText: PAULO.name });
  await invitation.getByRole("button", { name: "Remove", exact: true }).click();
  await office.page.getByRole("dialog").waitFor();
  await show("remove-asks", office.page);
  await press(office.page, "Remove the invite");
  await untilAt(guest, "Your invitation has been withdrawn.");
  await show("withdrawn", guest);
}

type Show = (screen: string, page: Page) => Promise<void>;

/** Where people come to who have no whole link. */
async function showWaysIn(school: School, people: People, show: Show): Promise<void> {
  const page = await people.somebody();
  await page.goto(school.origin);
  await untilAt(page, /video appointments$/);
  await show("start", page);
  await press(page, "Send me my link again");
  await show("start-problems", page);
  await fill(page, { "Email address": MARIA.email });
  await press(page, "Send me my link again");
  await press(page, "Use another address");
  await page.goto(`${school.origin}/j/1a2b3c4d`);
  await untilAt(page, "This link is not complete");
  await show("link-incomplete", page);
  await page.goto(`${school.origin}/j/00000000#abc`);
  await untilAt(page, "This link does not work");
  await show("link-unknown", page);
  await page.goto(`${school.origin}/nothing`);
  await untilAt(page, "This page is not here");
  await show("missing", page);
}

async function showOfficeBefore(office: Office, show: Show): Promise<void> {
  const { page } = office;
  await show("office-first-day", page);
  await office.addTeacher("Ms Okafor", "okafor@fairview.example");
  await office.addTeacher("Mr Lindqvist", "lindqvist@fairview.example");
  await office.addTeacher("Dr Haddad", "haddad@fairview.example");
  await office.addTeacher("Mr Brandt", "");
  await show("office-teachers", page);
  await office.goTo("classes/new");
  await fill(page, { Class: "8B/Ma", Subject: "Mathematics" });
  await tick(page, ["Ms Okafor", "Mr Lindqvist", "Dr Haddad", "Mr Brandt"]);
  await press(page, "Save");
  await page.getByText("Choose three teachers at most").first().waitFor();
  await show("office-fourth-teacher", page);
  await office.addClass("8B/Ma", "Mathematics", ["Ms Okafor", "Mr Lindqvist", "Dr Haddad"]);
  await office.addClass("8B/Mu", "Music", ["Mr Brandt"]);
  await show("office-classes", page);
  await office.addPupil({
    name: "Ana Santos",
    classes: ["8B/Ma", "8B/Mu"],
    guardians: [MARIA, RUI],
  });
  await office.addPupil({ name: "Luca Santos", classes: ["8B/Mu"], guardians: [] });
  await office.linkSibling(MARIA.name, "Luca Santos");
  await show("office-contact", page);
  await office.goTo("students");
  await untilReads(page, "2 students");
  await show("office-students", page);
  await follow(page, "Ana Santos");
  await untilAt(page, "Ana Santos");
  await show("office-student", page);
  await follow(page, RUI.name);
  await press(page, "Enter a court order");
  await page.getByRole("dialog").waitFor();
  await show("office-court-order-asks", page);
  await page.getByRole("dialog").getByRole("button", { name: "Enter a court order" }).click();
  await untilReads(page, "A court order is on record");
  await office.goTo("import");
  await untilAt(page, "Import students, teachers and classes");
  await show("office-import", page);
  await office.goTo("evenings/new");
  // The heading is there before the form.
  await page.getByRole("button", { name: "Create the evening", exact: true }).waitFor();
  await show("office-new-evening", page);
  await office.createEvening("Autumn evening", eveningOfNow(), {
    asked: async () => {
      await untilReads(page, "1 email will be sent.");
      await show("office-open-booking-asks", page);
    },
  });
  await office.sendLinks("teachers");
  await show("office-evening", page);
}

async function showParent(
  school: School,
  people: People,
  show: Show,
): Promise<{ readonly guest: Page }> {
  const page = await people.somebody();
  await page.goto(linkIn(await school.mail.untilFor(MARIA.email)));
  await untilReads(page, "You have no appointments yet.");
  await show("parent-no-bookings", page);
  await follow(page, "Choose appointments");
  await untilAt(page, "Choose appointments");
  await show("parent-choose", page);
  await page.getByRole("link", { name: "Choose a time", exact: true }).first().click();
  await page.getByRole("radio").first().waitFor();
  await press(page, "Book this time");
  await show("parent-choose-a-time-problems", page);
  await page.locator("input[type=radio]:not(:disabled)").first().check();
  await press(page, "Book this time");
  await untilAt(page, "Choose appointments");
  await page.getByRole("link", { name: "Invite Parent/Guardian" }).waitFor();
  await show("parent-booked-one", page);
  await follow(page, "Choose the times for me");
  await untilAt(page, "Choose the times for me");
  await show("parent-automatically", page);
  await press(page, "Book these appointments");
  await untilAt(page, "Your appointments");
  await show("parent-automatically-booked", page);
  await page.getByRole("link", { name: "Go to My Bookings" }).click();
  await untilAt(page, "My Bookings");
  await show("parent-bookings", page);
  await page.getByRole("button", { name: "Cancel this appointment" }).first().click();
  await page.getByRole("dialog").waitFor();
  await show("parent-cancel-asks", page);
  await press(page, "Go back");
  await page.getByRole("link", { name: "Move" }).first().click();
  await page.getByRole("radio").first().waitFor();
  await show("parent-move", page);
  await follow(page, "Back");
  await follow(page, "Check your camera and microphone");
  await untilAt(page, "Check your camera and microphone");
  await page.locator("[data-network]:not([data-network=checking])").waitFor();
  await show("parent-device-check", page);
  await follow(page, "Back");
  return showInvites(page, school, people, show);
}

async function showInvites(page: Page, school: School, people: People, show: Show) {
  await follow(page, "Invite Parent/Guardian");
  await untilAt(page, "Invite Parent/Guardian");
  await press(page, "Send Invite");
  await show("parent-invite-problems", page);
  await fill(page, { "Their name": RUI.name, "Their email address": RUI.email });
  await tick(page, ["Ana Santos", /consent/]);
  await press(page, "Send Invite");
  await untilAt(page, "Your school needs to approve this invitation.");
  await show("parent-needs-approval", page);
  await follow(page, "My Bookings");
  await follow(page, "Manage Invites");
  await show("parent-manage-invites-waiting", page);
  // The wish takes Ana's place; Luca's is left.
  await follow(page, "Invite Parent/Guardian");
  await fill(page, { "Their name": PAULO.name, "Their email address": PAULO.email });
  await tick(page, ["Luca Santos", /consent/]);
  await show("parent-invite", page);
  await press(page, "Send Invite");
  await untilAt(page, "Manage Invites");
  await show("parent-manage-invites", page);

  const link = linkIn(await school.mail.untilFor(PAULO.email));
  const guest = await people.somebody();
  await guest.goto(link);
  await untilAt(guest, "You are invited to a video appointment");
  await show("guest", guest);
  const bare = await people.somebody();
  await bare.addInitScript(() => {
    Object.defineProperty(Navigator.prototype, "mediaDevices", { get: () => undefined });
  });
  await bare.goto(link);
  await press(bare, "Turn on camera and microphone");
  await bare.getByText("Open this link in Safari or Chrome.").waitFor();
  await show("guest-in-another-app", bare);
  const tab = await page.context().newPage();
  await tab.goto(link);
  await untilAt(tab, `This is the link of ${PAULO.name}`);
  await show("guest-not-yours", tab);
  return { guest };
}

async function showTeacher(school: School, people: People, show: Show): Promise<void> {
  const page = await people.somebody();
  await page.goto(linkIn(await school.mail.untilFor("okafor@fairview.example")));
  await untilAt(page, "Your appointments");
  await page.getByRole("button", { name: "Join", exact: true }).first().waitFor();
  await show("teacher", page);
}

async function showOfficeDuring(office: Office, show: Show): Promise<void> {
  const { page } = office;
  for (const [link, heading] of [
    ["Live view", "Live view"],
    ["Bookings", "Bookings"],
    ["People and links", "People and links"],
    ["Invitations", "Invitations"],
  ] as const) {
    await office.goTo("");
    await follow(page, "Autumn evening");
    await follow(page, link);
    await untilAt(page, heading);
    await page.getByText(MARIA.name).first().waitFor();
    await show(`office-${heading.toLowerCase().replaceAll(" ", "-")}`, page);
  }
  await follow(page, "Change the address");
  await untilAt(page, "Change the address");
  await show("office-invitation-address", page);
  await showOfficeBooks(office, show);
  for (const [path, heading, seen] of [
    ["approvals", "Approvals", RUI.name],
    ["audit", "Audit log", "Who"],
    ["settings", "School", "Name of the school"],
  ] as const) {
    await office.goTo(path);
    await untilAt(page, heading);
    await page.getByText(seen).first().waitFor();
    await show(`office-${path}`, page);
  }
}

/** What the office changes for a parent. */
async function showOfficeBooks(office: Office, show: Show): Promise<void> {
  const { page } = office;
  await office.goTo("");
  await follow(page, "Autumn evening");
  await follow(page, "People and links");
  await fill(page, { "Find somebody by name or email address": MARIA.name });
  await press(page, "Search");
  await untilReads(page, "1 person was found.");
  await show("office-people-found", page);
  await follow(page, MARIA.name);
  await untilAt(page, MARIA.name);
  await show("office-family", page);
  await page.getByRole("button", { name: "Cancel this appointment" }).last().click();
  await page.getByRole("dialog").waitFor();
  await show("office-cancel-asks", page);
  await press(page, "Cancel the appointment");
  await page
    .getByRole("alert")
    .getByText(/is cancelled/)
    .waitFor();
  await show("office-family-cancelled", page);
  await page.getByRole("link", { name: "Move" }).first().click();
  await page.getByRole("radio").first().waitFor();
  await show("office-move", page);
  await follow(page, MARIA.name);
  await page.getByRole("link", { name: "Book a time" }).first().click();
  await page.getByRole("radio").first().waitFor();
  await show("office-choose-a-time", page);
}
