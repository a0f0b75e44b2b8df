/**
 * DIR-4, DIR-6, DIR-8, DIR-9 and DIR-12: a student's page names no parent; one is entered there and asked for their
 * details by e-mail, names another, whom the school approves, and both have accounts. Whom a court order
 * concerns is not invited, by whomever.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { accessProblems } from "../harness/accessibility.ts";
import { launch } from "../harness/browsers.ts";
import { withSchool } from "../harness/evening-story.ts";
import { fill, follow, press, tick, untilAt, untilReads } from "../harness/form.ts";
import { ADMINISTRATOR, Office } from "../harness/office.ts";
import { People } from "../harness/people.ts";
import { picture } from "../harness/picture.ts";

const PASSWORD = "a quiet river under trees";
const IVY = "ivy@home.example";
const WORK = "ivy@work.example";
const SUN = "sun@home.example";

const registrationIn = (text = "") => /https?:\/\/\S+\/register#[\w-]+/.exec(text)?.[0] ?? "";

async function isAccessible(screen: string, page: Page, width = 1280): Promise<void> {
  await page.setViewportSize({ width, height: 900 });
  assert.deepEqual(await accessProblems(screen, width, page), []);
  await picture(page, screen);
  await page.setViewportSize({ width: 1280, height: 900 });
}

/** DIR-9: a name that she corrects waits for the office, which keeps the old one, accepts it, takes it back. */
async function correctNames(ivy: Page, office: Office, file: string): Promise<void> {
  const { page } = office;
  const ask = async (label: string, spelt: string, name: string) => {
    await ivy.getByText("Correct a name", { exact: true }).click();
    await fill(ivy, { [label]: spelt });
    await press(ivy, `Ask the school about ${name}`);
    await untilReads(ivy, `The school has been asked about the name ${name}.`);
  };
  const decide = async () => {
    await page.reload();
    await follow(page, "Approvals (3)");
    await page.getByText("They say Zoe Park is called Zoë Park-Lee").waitFor();
  };
  await ask("Name of Zoe Park", "Zoë Park-Lee", "Zoe Park");
  await untilReads(ivy, "You ask for Zoë Park-Lee in place of Zoe Park. It waits for the school.");
  await fill(ivy, { "Your name": "Ivy Lee" });
  await press(ivy, "Ask the school about Ivy Park");
  const withdraw = ivy.getByRole("button", { name: "Withdraw Ivy Lee" });
  await withdraw.waitFor();
  await isAccessible("account-names", ivy, 360);
  await withdraw.focus();
  await ivy.keyboard.press("Enter");
  await untilReads(ivy, "The name Ivy Park stays as it is.");
  await decide();
  await isAccessible("approvals-names", page, 360);
  await press(page, "Keep the name as it is");
  await fill(page, { "What Ivy Park reads beside it; may be empty": "Please bring her passport." });
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Keep the name as it is" }).click();
  await untilReads(page, "The name kept is Zoe Park.");
  await ivy.reload();
  await untilReads(ivy, "You asked for Zoë Park-Lee. The school has kept Zoe Park.");
  await untilReads(ivy, "Please bring her passport.");
  await office.goTo("students");
  await follow(page, "Zoe Park");
  await page.getByText("Ivy Park says the name is Zoë Park-Lee.").waitFor();
  await ask("Name of Zoe Park", "Zoë Park-Lee", "Zoe Park");
  const stale = await ivy.context().newPage();
  await stale.goto(ivy.url());
  const late = stale.getByRole("button", { name: "Withdraw Zoë Park-Lee" });
  await late.waitFor();
  await decide();
  await press(page, "Accept the parent’s name");
  await untilReads(page, "The name kept is Zoë Park-Lee.");
  // What was decided meanwhile is withdrawn no longer, and nothing is asked anew.
  await late.click();
  await untilReads(stale, "The school has accepted the name Zoë Park-Lee.");
  await untilReads(stale, "The school has decided already.");
  await stale.close();
  await ivy.reload();
  await untilReads(ivy, "The school has accepted the name Zoë Park-Lee.");
  // The source goes on saying the old one.
  await office.checkStudents(file);
  await untilReads(page, "This file changes nothing: everything is as it says.");
  await office.goTo("students");
  await follow(page, "Zoë Park-Lee");
  await page.getByText("The school’s records say Zoe Park:").waitFor();
  await fill(page, { Name: "Zoe Park" });
  await press(page, "Save");
  await untilReads(page, "Zoe Park has been saved.");
}

async function register(page: Page): Promise<void> {
  await fill(page, { Password: PASSWORD });
  await press(page, "Create the account");
  await untilAt(page, "Your account at Fairview School");
}

test("from a student's profile to two parents with accounts", () =>
  withSchool("a student's profile", async (school, people) => {
    const firefox = await launch("firefox", "pages");
    try {
      const families = new People(firefox, school.origin, "firefox");
      const office = await Office.setUp(await people.somebody(), school);
      const { page } = office;
      await office.addPupil({
        name: "Ada Park",
        classes: [],
        guardians: [{ name: "Sean O'Brien", email: "sean@x.example" }],
      });
      await office.goTo("students");
      await follow(page, "Ada Park");
      await follow(page, "Sean O'Brien");
      await press(page, "Enter a court order");
      const dialog = page.getByRole("dialog");
      await dialog.getByRole("button", { name: "Enter a court order", exact: true }).click();
      await page.getByText("A court order is on record").first().waitFor();

      // Found by the homeroom; nobody is listed.
      await office.addPupil({ name: "Zoe Park", classes: [], guardians: [] });
      await fill(page, { Homeroom: "8B", "Year or grade": "Year 08" });
      const saved = page.waitForResponse((it) => it.request().method() === "PUT");
      await press(page, "Save");
      await saved;
      await office.goTo("students");
      for (const list of ["Homeroom 8B (1)", "Year or grade 8 (1)"]) {
        await fill(page, { "Year, homeroom or class": "All students" });
        await page.getByRole("link", { name: "Ada Park" }).waitFor();
        await fill(page, { "Year, homeroom or class": list });
        await page.getByRole("link", { name: "Ada Park" }).waitFor({ state: "detached" });
      }
      await picture(page, "students-of-a-year");
      await follow(page, "Zoe Park");
      await page.getByText("Nobody is linked to this student yet.").waitFor();
      await press(page, "Send Invitation");
      await page.getByRole("alert").first().waitFor();
      await isAccessible("student-without-parents", page);
      await fill(page, { "Parent’s email address": "SEAN@x.example", "Parent’s name": "An Uncle" });
      await press(page, "Send Invitation");
      await page.getByRole("alert").getByText("court order").first().waitFor();
      await fill(page, { "Parent’s email address": IVY, "Parent’s name": "Ivy Park" });
      await press(page, "Send Invitation");
      await untilReads(page, "Ivy Park is being sent an invitation.");
      await page.getByRole("link", { name: "Ivy Park" }).waitFor();

      const letter = await school.mail.untilFor(IVY);
      const says = letter.text ?? "";
      assert.match(says, new RegExp(`${ADMINISTRATOR.name} has invited you`));
      assert.match(says, /has no contact details of a parent of Zoe Park yet/);
      assert.match(String(letter.html), /Enter your details/);
      const ivy = await families.somebody();
      await ivy.goto(registrationIn(says));
      await untilAt(ivy, "Enter your contact details");
      await isAccessible("register-details", ivy);
      await fill(ivy, { "Telephone number": "01632 960123", "Language you prefer to read": "pl" });
      await tick(ivy, ["Zoe Park", "My email address"]);
      await press(ivy, "Save and continue");
      await untilAt(ivy, "Create your account");
      // What was saved can be gone back to.
      await press(ivy, "Change them");
      await untilAt(ivy, "Enter your contact details");
      assert.equal(
        await ivy.getByLabel("Telephone number", { exact: true }).inputValue(),
        "01632 960123",
      );
      assert.ok(await ivy.getByLabel("Zoe Park", { exact: true }).isChecked());
      await press(ivy, "Save and continue");

      // Another parent; and one in whose way a court order stands reads the same.
      const named = [
        ["Sun Park", SUN],
        ["O’BRIEN Seán", "new@x.example"],
      ] as const;
      for (const [name, email] of named) {
        await press(ivy, "Add another parent");
        await fill(ivy, { "Their name": name, "Their email address": email });
        await press(ivy, "Send Invitation");
        await untilReads(ivy, "Your school needs to approve this invitation.");
        await ivy
          .getByRole("listitem")
          .filter({ hasText: name })
          .getByText("Waits")
          .first()
          .waitFor();
      }
      await isAccessible("register-other-parents", ivy);
      await register(ivy);
      await isAccessible("account-other-parents", ivy);
      // DIR-9: what they say of themselves is theirs to change.
      await ivy.getByText("Your contact details", { exact: true }).click();
      await fill(ivy, { "Telephone number": "01632 960456" });
      await press(ivy, "Save");
      await untilReads(ivy, "Your contact details are saved.");

      // DIR-12: the import says the old number. Both stand until the office decides.
      const file = (telephone: string) =>
        `Student,Homeroom,Guardian,E-mail,Telephone\nZoe Park,8B,Ivy Park,${IVY},${telephone}\n`;
      await office.importStudents(file("01632 960123"));
      await page.reload();
      await follow(page, "Approvals (3)");
      await page.getByText("The parent gives 01632 960456").waitFor();
      await untilReads(page, "The school’s records say 01632 960123.");
      await isAccessible("approvals-telephones", page);
      await press(page, "Accept the parent’s number");
      await untilReads(page, "The number kept for Ivy Park is 01632 960456.");
      // The old one again changes nothing; a third is asked anew, and hers stays meanwhile.
      await office.checkStudents(file("01632 960123"));
      await untilReads(page, "This file changes nothing: everything is as it says.");
      await office.importStudents(file("01632 960789"));
      await ivy.reload();
      await ivy.getByText("Your contact details", { exact: true }).click();
      const both = "You gave 01632 960456. The records of Fairview School say 01632 960789.";
      await ivy.getByText(both).waitFor();
      await isAccessible("account-telephone", ivy);
      await page.reload();
      await follow(page, "Approvals (3)");
      await press(page, "Keep the school’s number");
      await untilReads(page, "The number kept for Ivy Park is 01632 960789.");
      await ivy.reload();
      await ivy.getByText("Your contact details", { exact: true }).click();
      const telephone = ivy.getByLabel("Telephone number", { exact: true });
      assert.equal(await telephone.inputValue(), "01632 960789");
      // Nor does a source take over the address of an account.
      const elsewhere = `Student,Homeroom,Guardian,E-mail\nZoe Park,8B,Ivy Park,${WORK}\n`;
      await office.importStudents(elsewhere);
      await page.reload();
      await follow(page, "Approvals (3)");
      await page.getByText(`The parent uses ${IVY}.`).waitFor();
      await untilReads(page, `The school’s records say ${WORK}.`);
      await isAccessible("approvals-address", page);
      await ivy.reload();
      await ivy.getByText("The school’s records have another email address of you.").waitFor();
      await isAccessible("account-address", ivy);
      await press(page, "Accept the parent’s address");
      await untilReads(page, `The address kept for Ivy Park is ${IVY}.`);
      await office.checkStudents(elsewhere);
      await untilReads(page, "This file changes nothing: everything is as it says.");
      await correctNames(ivy, office, elsewhere);
      assert.equal(school.mail.for(SUN).length, 0);

      // The number is looked up now and then.
      await page.reload();
      await follow(page, "Approvals (2)");
      const wish = (name: string) => page.getByRole("listitem").filter({ hasText: name });
      await wish("Sun Park").getByText("Named by Ivy Park as another parent of Zoe Park").waitFor();
      assert.equal(await page.getByText("Whoever may be somebody with").count(), 0);
      await isAccessible("approvals-parents", page);
      await press(wish("Sun Park"), "Send the invitation");
      const second = await school.mail.untilFor(SUN);
      assert.match(second.text ?? "", /Ivy Park has invited you/);
      const sun = await families.somebody();
      await sun.goto(registrationIn(second.text));
      await untilAt(sun, "Enter your contact details");

      // An order that comes in between stops even whoever has the page open.
      await office.goTo("students");
      await follow(page, "Zoe Park");
      await follow(page, "Sun Park");
      await press(page, "Enter a court order");
      await dialog.getByRole("button", { name: "Enter a court order", exact: true }).click();
      await page.getByText("A court order is on record").first().waitFor();
      await press(sun, "Save and continue");
      await untilAt(sun, "This link does not work");
      await press(page, "Lift the court order");
      await dialog.getByRole("button", { name: "Lift the court order", exact: true }).click();
      await page.getByText("No court order is on record.").waitFor();
      await sun.reload();
      await untilAt(sun, "This link does not work");
      await follow(page, "User Invitations");
      await page.getByRole("button", { name: "Re-invite Sun Park" }).click();
      await dialog.getByRole("button", { name: "Send", exact: true }).click();
      const third = await school.mail.untilFor(SUN, 2);
      await sun.goto(registrationIn(third.text));
      await untilAt(sun, "Enter your contact details");
      await tick(sun, ["My email address"]);
      await press(sun, "Save and continue");
      await untilAt(sun, "Create your account");
      await register(sun);
      // Each sees of the other what both show, and no more.
      await untilReads(sun, `Ivy Park, ${IVY}`);
      assert.ok(!(await sun.locator("main").innerText()).includes("01632"));
      await ivy.reload();
      await ivy
        .getByRole("listitem")
        .filter({ hasText: "Sun Park" })
        .getByText("Invited")
        .first()
        .waitFor();
      await untilReads(ivy, `Sun Park, ${SUN}`);
      assert.equal(school.mail.for("new@x.example").length, 0);
    } finally {
      await firefox.close();
    }
  }));
