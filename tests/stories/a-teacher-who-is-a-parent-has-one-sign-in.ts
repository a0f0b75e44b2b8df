/**
 * DIR-9: whoever works at the school and has a child there signs in twice until they hold both sessions in one
 * browser and say that it is to be one; the password of the staff opens both from then on, at either door, until
 * they say otherwise. With a second step at sign-in (OPS-7), codes of an app or a passkey, neither door opens by that
 * password alone.
 */

import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { accessProblems } from "../harness/accessibility.ts";
import { Authenticator } from "../harness/authenticator.ts";
import { eveningStory } from "../harness/evening-story.ts";
import { fill, follow, press, untilAt } from "../harness/form.ts";
import { ADMINISTRATOR, Office } from "../harness/office.ts";
import { Passkeys } from "../harness/passkeys.ts";
import type { People } from "../harness/people.ts";
import { picture } from "../harness/picture.ts";
import type { School } from "../harness/school.ts";

const FILE = [
  "Student,Homeroom,Guardian,E-mail",
  `Ada Reyes,8B,${ADMINISTRATOR.name},${ADMINISTRATOR.email}`,
].join("\n");

const ACCOUNT = "Your account at Fairview School";

async function isAccessible(screen: string, page: Page): Promise<void> {
  assert.deepEqual(await accessProblems(screen, 1280, page), []);
  await picture(page, screen);
}

async function tell(school: School, people: People): Promise<void> {
  const office = await Office.setUp(await people.somebody(), school);
  const { page } = office;
  await office.goTo("import/inviting");
  await page
    .getByLabel("CSV file")
    .setInputFiles({ name: "students.csv", mimeType: "text/csv", buffer: Buffer.from(FILE) });
  await press(page, "Check the file");
  await untilAt(page, "What the import would do");
  await press(page, "Import now");
  const { text } = await school.mail.untilFor(ADMINISTRATOR.email);
  const [register = ""] = /https?:\/\/\S+\/register#[\w-]+/.exec(text ?? "") ?? [];
  await page.goto(register);
  await fill(page, { Password: "a kettle on the hob" });
  await press(page, "Create the account");

  // Signed in twice in one browser, each by its own password.
  await untilAt(page, ACCOUNT);
  await page.getByRole("heading", { name: "Your work at the school" }).waitFor();
  await isAccessible("account-two-sign-ins", page);
  await press(page, "Use one sign-in for both");
  const two = page.getByRole("button", { name: "Use two sign-ins again" });
  await two.waitFor();
  await isAccessible("account-one-sign-in", page);
  await follow(page, "Open your start page as staff");
  await untilAt(page, "Start page");
  await two.waitFor();
  await isAccessible("staff-one-sign-in", page);

  // Out of one is out of both, and the password of the staff is good at the door of the account.
  await press(page, "Sign out");
  await untilAt(page, "Sign in");
  await page.goto(`${school.origin}/account`);
  await untilAt(page, "Sign in to your account");
  await fill(page, { "Email address": ADMINISTRATOR.email, Password: ADMINISTRATOR.password });
  await press(page, "Sign in");
  await untilAt(page, ACCOUNT);
  await follow(page, "Open your start page as staff");
  await untilAt(page, "Start page");

  // With a second step the password opens neither door by itself.
  await press(page, "Set up a second step");
  const app = new Authenticator(await page.locator("#second-factor ~ .address").innerText());
  await isAccessible("second-step-set-up", page);
  await fill(page, { Password: ADMINISTRATOR.password, Code: app.next() });
  await press(page, "Turn on");
  await page.getByRole("heading", { name: "Your recovery codes" }).waitFor();
  const codes = await page.locator(".codes code").allInnerTexts();
  assert.equal(codes.length, 10);
  await isAccessible("second-step-codes", page);
  await press(page, "I have kept them");
  await page.getByText("10 recovery codes are left").waitFor();
  await press(page, "Sign out");
  await untilAt(page, "Sign in");
  await fill(page, { "Email address": ADMINISTRATOR.email, Password: ADMINISTRATOR.password });
  await press(page, "Sign in");
  await page.getByText("Your password is right.").waitFor();
  await isAccessible("second-step", page);
  await fill(page, { Code: "000 000" });
  await press(page, "Sign in");
  await page.getByText("This code is not right, or was used before.").first().waitFor();
  await isAccessible("second-step-wrong", page);
  await fill(page, { Code: app.next() });
  await press(page, "Sign in");
  await untilAt(page, "Start page");
  await press(page, "Sign out");
  await untilAt(page, "Sign in");
  await page.goto(`${school.origin}/account`);
  await untilAt(page, "Sign in to your account");
  await fill(page, { "Email address": ADMINISTRATOR.email, Password: ADMINISTRATOR.password });
  await press(page, "Sign in");
  await fill(page, { Code: codes[4] ?? "" });
  await press(page, "Sign in");
  await untilAt(page, ACCOUNT);
  await follow(page, "Open your start page as staff");
  await page.getByText("9 recovery codes are left").waitFor();
  await isAccessible("second-step-on", page);
  await passkeys(page, codes);

  await press(page, "Use two sign-ins again");
  await page.getByRole("button", { name: "Use one sign-in for both" }).waitFor();
  await press(page, "Sign out");
  await untilAt(page, "Sign in");
  await page.goto(`${school.origin}/account`);
  await untilAt(page, ACCOUNT);
}

/** A passkey beside the app: it signs in, one that is somebody else's does not, and it is taken back. */
async function passkeys(page: Page, codes: readonly string[]): Promise<void> {
  const keys = await Passkeys.on(page);
  await press(page, "Add a passkey");
  await isAccessible("passkey-add", page);
  await fill(page, { "Name of the passkey": "My laptop", Password: "not mine at all" });
  await press(page, "Add the passkey");
  await page.getByText("The email address or the password is wrong.").first().waitFor();
  assert.equal(await keys.count(), 0, "none is made before the password is right");
  await fill(page, { Password: ADMINISTRATOR.password });
  await press(page, "Add the passkey");
  const list = page.getByRole("list", { name: "Your passkeys" });
  await list.getByText("My laptop").waitFor();
  await list.getByText("not used yet").waitFor();
  await isAccessible("passkey-on", page);

  // The browser asks for it by itself, once the password was right.
  const signIn = async () => {
    await press(page, "Sign out");
    await untilAt(page, "Sign in");
    await fill(page, { "Email address": ADMINISTRATOR.email, Password: ADMINISTRATOR.password });
    await press(page, "Sign in");
  };
  await signIn();
  await untilAt(page, "Start page");
  await list.getByText("last used").waitFor();
  const putBack = await keys.forge();
  await signIn();
  await page.getByText("This passkey does not sign you in here.").waitFor();
  await isAccessible("passkey-wrong", page);
  await fill(page, { Code: codes[5] ?? "" });
  await press(page, "Sign in");
  await untilAt(page, "Start page");
  await signIn();
  await page.getByText("This passkey does not sign you in here.").waitFor();
  await putBack();
  await press(page, "Use your passkey");
  await untilAt(page, "Start page");

  await press(page, "Remove the passkey My laptop");
  await isAccessible("passkey-remove", page);
  await fill(page, { Password: ADMINISTRATOR.password });
  await press(page, "Use your passkey");
  await list.waitFor({ state: "detached" });
  await page.getByText("8 recovery codes are left").waitFor();
  await signIn();
  await page.getByText("Now enter the code that your authenticator app shows.").waitFor();
  await fill(page, { Code: codes[6] ?? "" });
  await press(page, "Sign in");
  await untilAt(page, "Start page");
}

// Browsers have passkeys where there is a name.
eveningStory("a teacher who is a parent has one sign-in", tell, "localhost");
