/**
 * DIR-2 to DIR-6 and DIR-9: an invitation that the mail server refuses is seen by the office, which sends a letter;
 * whoever has an account already hears of another child in it, and whoever has forgotten its password, while adding
 * students to it, finds a way on.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { accessProblems } from "../harness/accessibility.ts";
import { withSchool } from "../harness/evening-story.ts";
import { fill, follow, press, tick, untilAt, untilReads } from "../harness/form.ts";
import { Office } from "../harness/office.ts";
import { picture } from "../harness/picture.ts";

const PASSWORD = "a quiet river under trees";
/** The mail server of these stories knows nobody of that name. */
const NOBODY = "nobody@home.example";
const GONE = "nobody@gone.example";
const NORA = "nora@home.example";
const EVE = "eve@home.example";

const linkIn = (page: string, text = "") =>
  new RegExp(`https?://\\S+/${page}(#[\\w-]+)?`).exec(text)?.[0] ?? "";

async function isAccessible(screen: string, page: Page): Promise<void> {
  for (const width of [360, 1280]) {
    await page.setViewportSize({ width, height: 900 });
    assert.deepEqual(await accessProblems(screen, width, page), []);
  }
  await picture(page, screen);
}

async function register(page: Page): Promise<void> {
  await fill(page, { Password: PASSWORD });
  await press(page, "Create the account");
  await untilAt(page, "Your account at Fairview School");
}

/** Both are invited; one invitation comes back at once, and counts as none that was sent. */
async function sendBoth({ page }: Office): Promise<void> {
  await follow(page, "User Invitations");
  await tick(page, ["Parents"]);
  await press(page, "Send Invitations");
  const review = page.getByRole("dialog");
  await review.getByRole("button", { name: "Send", exact: true }).click();
  await review.getByText("1 of 2 sent").waitFor();
  await review.getByText("1 invitation could not be delivered").waitFor();
  await review.getByText("there is nobody here").waitFor();
  await isAccessible("registrations-not-delivered", page);
  await review.getByRole("button", { name: "Close", exact: true }).click();
}

/** The letter leads to an address that its reader says, for nothing arrives at the one that is known. */
async function goOnByLetter({ page }: Office, nora: Page, origin: string): Promise<void> {
  const section = page.getByRole("region", { name: "1 invitation could not be delivered" });
  await section.getByText("there is nobody here").waitFor();
  const item = page.getByRole("listitem").filter({ hasText: "Ada Reed, 8B" });
  await item.getByText("Could not be delivered", { exact: true }).waitFor();
  assert.equal(await item.getByText("Invited, until").count(), 0);
  await isAccessible("registrations-undelivered", page);
  await press(section, "Print a letter Nora Reed");
  await untilAt(page, "Letters to print");
  const code = (await page.locator(".letter .code").textContent()) ?? "";
  await press(page, "Back to User Invitations");
  await item.getByText("Invited, until").waitFor();
  assert.equal(await section.count(), 0);
  await nora.goto(`${origin}/register#${code.replace(/\s/g, "")}`);
  await untilAt(nora, "Create your account");
  await fill(nora, { "Email address": NORA });
  await press(nora, "Send the email");
  await nora.getByText(`An email is on its way to ${NORA}.`).waitFor();
}

/** A pupil of whom nobody is known has a way to their page; Eve has an account, and hears of it. */
async function enterEveAgain({ page }: Office): Promise<void> {
  await follow(page, "User Invitations");
  const way =
    "Nobody is linked to this pupil yet. Open their page to enter a parent and invite them";
  await follow(page, `${way} Leo Reed`);
  await untilAt(page, "Leo Reed");
  await fill(page, { "Parent’s email address": EVE, "Parent’s name": "Eve Reed" });
  await press(page, "Send Invitation");
  const said = "Eve Reed has an account already, and sees Leo Reed there from now on.";
  await untilReads(page, `${said} They are told by email.`);
  await isAccessible("student-registered-parent", page);
}

/** A list is asked what a column of it means, and says why; one parent whom it brings cannot be written to. */
async function bringWithInvitation({ page }: Office, origin: string): Promise<void> {
  const check = async (rows: readonly string[]) => {
    await page.goto(`${origin}/office/import/inviting`);
    await page.getByLabel("CSV file").setInputFiles({
      name: "intake.csv",
      mimeType: "text/csv",
      buffer: Buffer.from(rows.join("\n")),
    });
    await press(page, "Check the file");
    await untilAt(page, "What do the columns mean?");
  };
  await check(["Pupil,Reg group,Ref no,Parent", "Gus Park,8C,77001,Mo", "Gus Park,8C,77002,Li"]);
  await page.getByText('The column "Ref no" is not known').waitFor();
  await check(["Who,Homeroom,Guardian,E-mail", `Zoe Park,8C,Una Park,${GONE}`]);
  await page.getByText("It is not known yet which column holds the name").waitFor();
  await fill(page, { "Column 1: “Who”": "student" });
  await press(page, "Check the file");
  await untilAt(page, "What the import would do");
  await press(page, "Import now");
  await untilReads(page, "0 of 1 sent");
  await page.getByText(`Una Park, ${GONE}: `).waitFor();
}

test("an invitation that does not arrive has ways on", () =>
  withSchool("an invitation that does not arrive has ways on", async (school, people) => {
    const office = await Office.setUp(await people.somebody(), school);
    const { page } = office;
    const pupil = async (name: string, guardian?: string, email = "") => {
      const guardians = guardian === undefined ? [] : [{ name: guardian, email }];
      await office.addPupil({ name, classes: [], guardians });
    };
    await pupil("Ada Reed", "Nora Reed", NOBODY);
    await pupil("Max Reed", "Eve Reed", EVE);
    await pupil("Leo Reed");
    await office.goTo("students");
    await follow(page, "Ada Reed");
    await fill(page, { Homeroom: "8B" });
    await press(page, "Save");
    await untilReads(page, "Ada Reed has been saved.");
    await sendBoth(office);
    const nora = await people.somebody();
    await goOnByLetter(office, nora, school.origin);
    await nora.goto(linkIn("register", (await school.mail.untilFor(NORA)).text));
    await register(nora);
    await isAccessible("account-of-nora", nora);

    const eve = await people.somebody();
    await eve.goto(linkIn("register", (await school.mail.untilFor(EVE)).text));
    await register(eve);
    await enterEveAgain(office);
    const told = await school.mail.untilFor(EVE, 2);
    assert.equal(told.subject, "A child was added to your account: Fairview School");
    assert.match(told.text ?? "", /You can now see: Leo Reed and Max Reed\./);
    await eve.goto(linkIn("account", told.text));
    await untilReads(eve, "Leo Reed");
    assert.equal(school.mail.for(EVE).length, 2, "no invitation");

    // A second record of hers is added by the password of the account that she has.
    await pupil("Kit Reed", "Eve Reed", EVE);
    await follow(page, "User Invitations");
    await tick(page, ["Parents"]);
    await press(page, "Send Invitations");
    const review = page.getByRole("dialog");
    await review.getByRole("button", { name: "Send", exact: true }).click();
    const again = await school.mail.untilFor(EVE, 3);
    await eve.goto(linkIn("register", again.text));
    await eve.getByText(`There is an account with ${EVE} already.`).waitFor();
    await press(eve, "Forgotten password, or sign in by email");
    await eve.getByText("Then open this invitation again and enter it.").waitFor();
    await isAccessible("register-forgotten", eve);
    const link = await school.mail.untilFor(EVE, 4);
    await eve.goto(linkIn("account", link.text));
    await untilAt(eve, "Sign in to your account");
    await fill(eve, { Password: "a lamp over the harbour" });
    await press(eve, "Sign in");
    await untilAt(eve, "Your account at Fairview School");
    await eve.goto(linkIn("register", again.text));
    await fill(eve, { Password: "a lamp over the hills" });
    await press(eve, "Add to my account");
    await untilReads(eve, "This password is wrong");
    await fill(eve, { Password: "a lamp over the harbour" });
    await press(eve, "Add to my account");
    await untilReads(eve, "Kit Reed");
    await press(eve, "Close my account");
    const closing = eve.getByRole("dialog");
    await closing.getByLabel("Password", { exact: true }).fill("a guess of somebody's");
    await press(closing, "Close my account");
    await closing.getByRole("alert").getByText("This password is wrong").waitFor();
    await closing.getByLabel("Password", { exact: true }).fill("a lamp over the harbour");
    await press(closing, "Close my account");
    await untilAt(eve, "Sign in to your account");
    await bringWithInvitation(office, school.origin);
  }));
