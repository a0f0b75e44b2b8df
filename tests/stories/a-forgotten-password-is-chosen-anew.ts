/** EVE-18 for the office: a password that was forgotten is chosen anew by a link that comes by email. */

import assert from "node:assert/strict";
import { accessProblems } from "../harness/accessibility.ts";
import { eveningStory } from "../harness/evening-story.ts";
import { fill, press, untilAt, untilReads } from "../harness/form.ts";
import { ADMINISTRATOR, Office } from "../harness/office.ts";

const PASSWORD = "a quiet river under trees";
const STRANGER = "stranger@fairview.example";

eveningStory("a forgotten password is chosen anew by email", async (school, people) => {
  const before = await Office.setUp(await people.somebody(), school);
  const page = await people.somebody();
  await page.goto(`${school.origin}/office`);
  await untilAt(page, "Sign in");
  await fill(page, { "Email address": STRANGER });
  await press(page, "Forgotten password");
  await untilAt(page, "Forgotten password");
  // What was typed to sign in with need not be typed again.
  assert.equal(await page.getByLabel("Email address").inputValue(), STRANGER);
  assert.deepEqual(await accessProblems("forgotten password", 1280, page), []);
  const said: string[] = [];
  for (const email of [STRANGER, ADMINISTRATOR.email]) {
    await fill(page, { "Email address": email });
    await press(page, "Send me a link");
    const told = page.getByText(`If ${email} is the email address of somebody`);
    await told.waitFor();
    said.push(((await told.textContent()) ?? "").replace(email, ""));
    if (email === STRANGER) {
      await press(page, "Try another email address");
    }
  }
  assert.equal(said[0], said[1], "the answer is the same for somebody who is not known");
  assert.deepEqual(await accessProblems("a link is sent", 1280, page), []);

  const mail = await school.mail.untilFor(ADMINISTRATOR.email);
  assert.equal(school.mail.for(STRANGER).length, 0);
  assert.equal(mail.subject, "Choose a new password");
  const link = /https?:\/\/\S+\/setup#[\w-]+/.exec(mail.text ?? "")?.[0];
  assert.ok(link !== undefined, `no link in: ${mail.text}`);
  assert.ok(typeof mail.html === "string" && mail.html.includes(link), "the same in HTML");

  const elsewhere = await people.somebody();
  await elsewhere.goto(link);
  await untilAt(elsewhere, "Choose a password");
  assert.deepEqual(await accessProblems("choose a password", 1280, elsewhere), []);
  await fill(elsewhere, { Password: "Fairview2026" });
  await press(elsewhere, "Save the password and sign in");
  await elsewhere.getByRole("alert").getByText("This password is easy to guess.").waitFor();
  await fill(elsewhere, { Password: PASSWORD });
  await press(elsewhere, "Save the password and sign in");
  await untilAt(elsewhere, "Evenings");

  // Whoever was signed in with the old one is out, the link is used up, and the new one works.
  await before.page.reload();
  await untilAt(before.page, "Sign in");
  await page.goto(link);
  await untilAt(page, "This link no longer works");
  await page.getByRole("link", { name: "Sign in" }).click();
  await untilAt(page, "Sign in");
  await fill(page, { "Email address": ADMINISTRATOR.email, Password: ADMINISTRATOR.password });
  await press(page, "Sign in");
  await untilReads(page, "The email address or the password is wrong.");
  await fill(page, { Password: PASSWORD });
  await press(page, "Sign in");
  await untilAt(page, "Evenings");
});
