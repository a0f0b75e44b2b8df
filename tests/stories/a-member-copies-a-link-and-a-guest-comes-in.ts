/** ROOM-1, ROOM-2, ROOM-7: a member of a meeting room passes its link on, and a guest meets them there. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { accessProblems } from "../harness/accessibility.ts";
import { toldIn } from "../harness/browsers.ts";
import { withSchool } from "../harness/evening-story.ts";
import { fill, press, tick, untilAt, untilReads } from "../harness/form.ts";
import { Office } from "../harness/office.ts";
import { picture } from "../harness/picture.ts";
import { inLanguage } from "../harness/readers.ts";
import { until } from "../harness/until.ts";

const MIA = { name: "Mia Lund", email: "mia@fairview.example" } as const;
const PASSWORD = "a quiet river under trees";

/** Waits until a page is at a state of its call. */
async function untilState(page: Page, state: string): Promise<void> {
  await page.locator(`main[data-state="${state}"]`).waitFor();
}

async function choose(page: Page, action: string): Promise<void> {
  await page.locator(".menu summary").filter({ hasText: "Counselling" }).click();
  await press(page, action);
}

for (const engine of toldIn("firefox")) {
  test(`a member copies a link and a guest comes in, in ${engine}`, () =>
    withSchool(
      `a member copies a link in ${engine}`,
      async (school, people) => {
        const office = await Office.setUp(await people.somebody(), school);
        await office.goTo("rooms/members/new");
        await fill(office.page, { Name: MIA.name, "Email address": MIA.email });
        await press(office.page, "Add");
        await office.page.getByText(/Nothing has been sent to them/).waitFor();
        const setUp = await office.page.getByLabel(`The link for ${MIA.name}`).inputValue();
        assert.deepEqual(await accessProblems("member added", 1280, office.page), []);

        const member = await people.somebody();
        if (engine === "chromium") {
          const origin = school.origin;
          // Without a window of its own it asks nobody.
          await member
            .context()
            .grantPermissions(["clipboard-read", "clipboard-write"], { origin });
        }
        await member.goto(setUp);
        await untilAt(member, "Choose a password");
        await fill(member, { Password: PASSWORD });
        await press(member, "Save the password and sign in");
        await untilAt(member, "Start page");
        await untilReads(
          member,
          "You do not belong to any meeting room yet. The school office can add you to one.",
        );
        // Nothing of the office is hers.
        await member.goto(`${school.origin}/office`);
        await untilAt(member, "Start page");

        for (const name of ["Counselling", "Head of Year 8"]) {
          await office.goTo("rooms/new");
          await fill(office.page, { Name: name });
          await press(office.page, "Save");
          await untilReads(office.page, "Choose at least one member.");
          await tick(office.page, [new RegExp(`^${MIA.name}`)]);
          await press(office.page, "Save");
          await untilReads(office.page, `${name} has been saved.`);
        }
        assert.deepEqual(await accessProblems("rooms", 1280, office.page), []);
        await picture(office.page, "office-rooms");

        await member.reload();
        await untilReads(member, "2 meeting rooms");
        await fill(member, { "Search for a room": "library" });
        await press(member, "Search");
        await untilReads(member, "No room has such a name.");
        await fill(member, { "Search for a room": "couns" });
        await press(member, "Search");
        await untilReads(member, "1 meeting room");
        await choose(member, "Copy Meeting Room Link");
        await untilReads(member, "The link has been copied.");
        assert.deepEqual(await accessProblems("start page", 1280, member), []);
        await picture(member, `start-${engine}`);
        await inLanguage(member, "ar", async (language) => {
          assert.equal(language, "ar");
          await member.getByRole("heading", { name: "غرف الاجتماعات" }).waitFor();
          assert.deepEqual(await accessProblems("start page in Arabic", 1280, member), []);
          await picture(member, `start-ar-${engine}`);
        });
        // What was copied is pasted.
        const field = member.getByLabel("Search for a room");
        await field.fill("");
        await field.press("Control+V");
        // A browser may paste after it has answered to the key.
        const link = await until("it is pasted", async () => {
          const pasted = await field.inputValue();
          return /\/j\/[0-9a-z-]+#[0-9a-z-]+$/.test(pasted) && pasted;
        });

        const guest = await people.somebody();
        await guest.goto(link);
        await untilAt(guest, "Counselling");
        assert.deepEqual(await accessProblems("room's link", 1280, guest), []);
        await picture(guest, "room-door");
        await press(guest, "Continue");
        await untilReads(guest, "Enter your name.");
        await fill(guest, { "Your name": "Gus Oyelaran" });
        await press(guest, "Continue");
        await untilReads(guest, "This is the link of Gus Oyelaran (Guest).");
        assert.notEqual(guest.url(), link);
        await untilReads(
          guest,
          "Nobody records the call, takes pictures of it or shares the link.",
        );
        assert.deepEqual(await accessProblems("guest joins", 1280, guest), []);
        await picture(guest, "guest-joins");
        await press(guest, "Join");
        await untilState(guest, "call");

        await choose(member, "Enter");
        await untilReads(member, `This is the link of ${MIA.name} (Member).`);
        await press(member, "Join");
        await untilState(member, "call");
        await untilReads(member, "Gus Oyelaran");
        await untilReads(guest, MIA.name);
        await picture(guest, "in-the-room");
        // A reload comes back to the same seat, by the guest's own link.
        await guest.reload();
        await untilState(guest, "call");
        await untilReads(guest, MIA.name);

        // She leaves the school: she is out of the call, and signs in no longer.
        await office.goTo("rooms/members");
        await untilReads(office.page, "Accounts: 2");
        assert.deepEqual(await accessProblems("staff", 1280, office.page), []);
        await press(office.page, `Remove ${MIA.name}`);
        await office.page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
        await untilReads(office.page, `${MIA.name} can no longer sign in.`);
        await untilReads(office.page, "Accounts: 1");
        await picture(office.page, "staff");
        await untilReads(member, "Your invitation has been withdrawn.");
        await member.goto(`${school.origin}/staff`);
        await fill(member, { "Email address": MIA.email, Password: PASSWORD });
        await press(member, "Sign in");
        await untilReads(member, "The email address or the password is wrong.");
      },
      {},
      engine,
    ));
}

test("a link that the browser does not copy stands selected", () =>
  withSchool("a link copied by hand", async (school, people) => {
    const office = await Office.setUp(await people.somebody(), school);
    await office.goTo("rooms/new");
    await fill(office.page, { Name: "Counselling" });
    await tick(office.page, [/^Dana Reyes/]);
    await press(office.page, "Save");
    await untilReads(office.page, "Counselling has been saved.");
    await office.page.addInitScript(() => {
      Object.defineProperty(navigator, "clipboard", { value: undefined });
    });
    await office.page.goto(`${school.origin}/staff`);
    await untilAt(office.page, "Start page");
    await choose(office.page, "Copy Meeting Room Link");
    await untilReads(
      office.page,
      "The link is selected: copy it with your browser's menu or keyboard.",
    );
    const selected = await office.page.evaluate(() => getSelection()?.toString() ?? "");
    assert.match(selected, /\/j\/[0-9a-z-]+#[0-9a-z-]+$/);
    assert.deepEqual(await accessProblems("copied by hand", 1280, office.page), []);
  }));
