/** The office's pages after a bad answer, a session that ended, and something between that refuses. */

import assert from "node:assert/strict";
import { eveningStory } from "../harness/evening-story.ts";
import { fill, press, untilAt, untilReads } from "../harness/form.ts";
import { ADMINISTRATOR, Office } from "../harness/office.ts";

eveningStory(
  "the office goes on after a bad answer, and nothing typed is lost",
  async (school, people) => {
    const office = await Office.setUp(await people.somebody(), school);
    const { page } = office;

    // One bad answer of a proxy, and then none: the page comes by itself.
    const session = /\/api\/v1\/session$/;
    await page.route(session, (route) =>
      route.fulfill({ status: 502, body: "<h1>Bad gateway</h1>" }),
    );
    await page.goto(`${school.origin}/office/teachers/new`);
    await page.getByText("This page keeps trying by itself.").waitFor();
    await page.getByRole("button", { name: "Try again" }).waitFor();
    await page.unroute(session);
    await untilAt(page, "Add a teacher");

    // The session ends in the middle of a form.
    await fill(page, { Name: "Ms Okafor", "Email address": "okafor@fairview.example" });
    await page.context().clearCookies();
    await press(page, "Save");
    const dialog = page.getByRole("dialog", { name: "Please sign in again" });
    await dialog.waitFor();
    assert.equal(await dialog.getByLabel("Email address").inputValue(), ADMINISTRATOR.email);
    await page.keyboard.press("Escape");
    await dialog.getByLabel("Password").fill("wrong password here");
    await dialog.getByRole("button", { name: "Sign in" }).click();
    await dialog.getByText("The email address or the password is wrong.").first().waitFor();
    await dialog.getByLabel("Password").fill(ADMINISTRATOR.password);
    await dialog.getByRole("button", { name: "Sign in" }).click();
    await untilReads(page, "Ms Okafor has been saved.");
    assert.equal(await page.getByRole("dialog").count(), 0);

    // Signed in anew in another tab: this one goes on too.
    await page.goto(`${school.origin}/office/teachers/new`);
    await untilAt(page, "Add a teacher");
    await fill(page, { Name: "Mr Brandt" });
    const tab = await page.context().newPage();
    await tab.goto(`${school.origin}/office`);
    await untilAt(tab, "Evenings");
    await press(tab, "Sign out");
    await untilAt(tab, "Sign in");
    await fill(tab, { "Email address": ADMINISTRATOR.email, Password: ADMINISTRATOR.password });
    await press(tab, "Sign in");
    await untilAt(tab, "Evenings");
    await press(page, "Save");
    await untilReads(page, "Mr Brandt has been saved.");

    // Something between page and server refuses, in its own way.
    for (const [status, words] of [
      [413, /too large/],
      [403, /Something between this device and the school’s server refused this \(error 403\)/],
      [429, /tried too often/],
      [503, /cannot do this now/],
    ] as const) {
      await page.goto(`${school.origin}/office/teachers/new`);
      await untilAt(page, "Add a teacher");
      await fill(page, { Name: "Dr Haddad" });
      const teachers = /\/api\/v1\/teachers$/;
      await page.route(teachers, (route) =>
        route.request().method() === "POST"
          ? route.fulfill({ status, body: "<h1>No</h1>" })
          : route.continue(),
      );
      await press(page, "Save");
      await page.getByRole("alert").getByText(words).waitFor();
      assert.equal(await page.getByLabel("Name", { exact: true }).inputValue(), "Dr Haddad");
      await page.unroute(teachers);
      await press(page, "Save");
      await untilReads(page, "Dr Haddad has been saved.");
    }
  },
);
