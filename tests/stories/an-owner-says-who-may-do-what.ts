/** OPS-7: an owner says what somebody of the staff may do; their pages show that and no more. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { accessProblems } from "../harness/accessibility.ts";
import { toldIn } from "../harness/browsers.ts";
import { withSchool } from "../harness/evening-story.ts";
import { fill, follow, press, tick, untilAt, untilReads } from "../harness/form.ts";
import { eveningOfNow, Office } from "../harness/office.ts";
import { picture } from "../harness/picture.ts";

const EVENING = "Autumn evening";
const VERA = { name: "Vera Holm", email: "vera@fairview.example" } as const;
const PASSWORD = "a quiet river under trees";

/** The places that the office's pages lead to. */
async function places(page: Page): Promise<readonly string[]> {
  return page.getByRole("navigation", { name: "Office" }).getByRole("link").allTextContents();
}

async function change(office: Office, role: string): Promise<void> {
  await office.goTo("rooms/members");
  await press(office.page, `Change role of ${VERA.name}`);
  const dialog = office.page.getByRole("dialog", { name: `What may ${VERA.name} do?` });
  await dialog.getByLabel(role).check();
  await press(dialog, "Save");
  await untilReads(office.page, `The role of ${VERA.name} is now: ${role}.`);
}

for (const engine of toldIn("chromium")) {
  test(`an owner says who may do what, in ${engine}`, () =>
    withSchool(
      `an owner says who may do what in ${engine}`,
      async (school, people) => {
        const office = await Office.setUp(await people.somebody(), school);
        await office.addTeacher("Ms Okafor", "okafor@fairview.example");
        await office.addClass("8B", "Mathematics", ["Ms Okafor"]);
        await office.createEvening(EVENING, eveningOfNow());

        // A viewer is added.
        await office.goTo("rooms/members/new");
        await fill(office.page, { Name: VERA.name, "Email address": VERA.email });
        await office.page.getByLabel("Viewer").check();
        assert.deepEqual(await accessProblems("member added", 1280, office.page), []);
        await picture(office.page, `member-new-${engine}`);
        await press(office.page, "Add");
        const shown = office.page.getByLabel(`The link for ${VERA.name}`);
        const vera = await people.somebody();
        await vera.goto(await shown.inputValue());
        await untilAt(vera, "Choose a password");
        await fill(vera, { Password: PASSWORD });
        await press(vera, "Save the password and sign in");

        // She looks, and nothing that would be refused is on her pages.
        await untilAt(vera, "Evenings");
        await vera.getByRole("link", { name: EVENING }).waitFor();
        assert.deepEqual(await places(vera), ["Evenings"]);
        assert.equal(await vera.getByRole("link", { name: "Create an evening" }).count(), 0);
        assert.deepEqual(await accessProblems("viewer", 1280, vera), []);
        await picture(vera, `viewer-evenings-${engine}`);
        await follow(vera, EVENING);
        await untilAt(vera, EVENING);
        await vera.getByRole("link", { name: "Bookings" }).waitFor();
        const main = vera.getByRole("main");
        assert.equal(await main.getByRole("button").count(), 0);
        await picture(vera, `viewer-evening-${engine}`);
        await vera.goto(`${school.origin}/office/students`);
        await untilAt(vera, "There is nothing here");

        // As a member she has nothing there, until she manages the evening.
        await change(office, "Member");
        assert.deepEqual(await accessProblems("staff", 1280, office.page), []);
        await picture(office.page, `staff-${engine}`);
        await vera.goto(`${school.origin}/office`);
        await untilAt(vera, "Start page");
        await office.goTo("");
        await follow(office.page, EVENING);
        await untilReads(office.page, "Nobody manages this evening apart from the office.");
        await press(office.page, "Choose managers");
        await tick(office.page, [new RegExp(`^${VERA.name}`)]);
        await picture(office.page, `managers-${engine}`);
        await press(office.page.getByRole("dialog"), "Save");
        await office.page.getByRole("dialog").waitFor({ state: "detached" });
        assert.deepEqual(await accessProblems("managers", 1280, office.page), []);
        await vera.goto(`${school.origin}/office`);
        await untilAt(vera, "Evenings");
        await follow(vera, EVENING);
        await press(vera, "Close booking");
        const dialog = vera.getByRole("dialog");
        await press(dialog, "Close booking");
        await vera.getByRole("button", { name: "Open booking" }).waitFor();
        assert.equal(await vera.getByRole("button", { name: "Choose managers" }).count(), 0);
        assert.equal(await vera.getByRole("link", { name: "Change the evening" }).count(), 0);
        await picture(vera, `manager-evening-${engine}`);

        // The only owner stays one.
        await office.goTo("rooms/members");
        await press(office.page, "Change role of Dana Reyes");
        const own = office.page.getByRole("dialog");
        await own.getByLabel("Viewer").check();
        await press(own, "Save");
        await own.getByText("No other owner can sign in.").waitFor();

        // Whoever has left is listed until they are erased.
        await office.goTo("rooms/members");
        await press(office.page, `Remove ${VERA.name}`);
        await press(office.page.getByRole("dialog"), "Remove");
        await untilReads(office.page, `${VERA.name} can no longer sign in.`);
        await office.page.getByText("1 person who has left").first().click();
        assert.deepEqual(await accessProblems("staff who left", 1280, office.page), []);
        await picture(office.page, `staff-left-${engine}`);
        await press(office.page, `Erase ${VERA.name}`);
        const erasing = office.page.getByRole("dialog", { name: `Erase ${VERA.name}?` });
        await picture(office.page, `staff-erase-${engine}`);
        await press(erasing, "Erase");
        await untilReads(office.page, `${VERA.name} has been erased.`);
        assert.equal(await office.page.getByText(VERA.email).count(), 0);
      },
      {},
      engine,
    ));
}
