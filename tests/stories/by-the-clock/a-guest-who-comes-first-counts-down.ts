/** ROOM-4: guests who come before any member see how long one has to come, to its end. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Page } from "playwright-core";
import { accessProblems } from "../../harness/accessibility.ts";
import { withSchool } from "../../harness/evening-story.ts";
import { press, untilReads } from "../../harness/form.ts";
import { picture } from "../../harness/picture.ts";
import { enter, guest, makeRoom, untilState } from "../../harness/room.ts";
import { until } from "../../harness/until.ts";

/** In how many seconds a member must come, where somebody waits for the end of it. */
const WITHIN_S = 60;

/** By when a member must come; the words are in the live region too. */
const COUNTDOWN = ".countdown-note";

async function counts(page: Page, words: string): Promise<void> {
  await page.locator(COUNTDOWN).getByText(words, { exact: true }).waitFor();
}

/** What "Copy link" put on the clipboard, pasted where there is room for it. */
async function copiedLink(member: Page, engine: "chromium" | "firefox"): Promise<string> {
  if (engine === "chromium") {
    // Without a window of its own it asks nobody.
    const { origin } = new URL(member.url());
    await member.context().grantPermissions(["clipboard-read", "clipboard-write"], { origin });
  }
  await press(member, "More");
  await press(member, "Invite guest");
  const panel = member.getByRole("region", { name: "Invite guest" });
  await panel.getByRole("heading", { name: "Invite guest" }).waitFor();
  assert.deepEqual(await accessProblems("invite guest", 1280, member), []);
  await press(member, "Copy link");
  await untilReads(member, "The link has been copied.");
  await picture(member, `invite-guest-${engine}`);
  const shown = await panel.getByLabel("The room’s link").inputValue();
  await press(member, "Close");
  await press(member, "Chat");
  const field = member.getByLabel("Write to everybody in the call");
  await field.press("Control+V");
  // A browser may paste after it has answered to the key.
  await until("it is pasted", async () => {
    assert.equal(await field.inputValue(), shown);
    return true;
  });
  await press(member, "Chat");
  return shown;
}

// They mostly wait for the end of it: both wait at the same time.
describe("a guest who comes first", { concurrency: true }, () => {
  for (const engine of ["chromium", "firefox"] as const) {
    test(`a guest who comes first counts down, and a member stops it, in ${engine}`, () =>
      withSchool(
        `a countdown in ${engine}`,
        async (school, people) => {
          const { office, link } = await makeRoom(school, people, false);
          const words = "A member must join within 1 minute, or the call will end.";
          const ann = await guest(people, link, "Ann Oyelaran");
          await untilState(ann, "call");
          await counts(ann, words);
          const member = office.page;
          await enter(member, school.origin);
          await ann.locator(COUNTDOWN).waitFor({ state: "detached" });
          const bob = await guest(people, await copiedLink(member, engine), "Bob Lind");
          await untilState(bob, "call");
          await untilReads(member, "Bob Lind");
          // The last member leaves, and it begins again, for all of them to see, to its end.
          await press(member, "Leave");
          await counts(ann, words);
          await counts(bob, words);
          assert.deepEqual(await accessProblems("countdown", 1280, ann), []);
          await picture(ann, `countdown-${engine}`);
          for (const page of [ann, bob]) {
            const over = "The call has ended, as no member could join";
            const heading = page.getByRole("heading", { level: 1, name: over, exact: true });
            await heading.waitFor({ timeout: 2_000 * WITHIN_S });
          }
          assert.deepEqual(await accessProblems("nobody came", 1280, ann), []);
          await picture(ann, `nobody-came-${engine}`);
        },
        { HOMEROOM__CALLS__MEMBER_WITHIN_S: String(WITHIN_S) },
        engine,
      ));
  }
});
