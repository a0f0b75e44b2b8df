/**
 * ROOM-2 to ROOM-4, SCR-3, SCR-5, SCR-14: guests knock, wait for a member, are let in, held and let go; and
 * the call is ended for everybody, until the office lets them back.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { accessProblems } from "../harness/accessibility.ts";
import { toldIn } from "../harness/browsers.ts";
import { withSchool } from "../harness/evening-story.ts";
import { fill, press, untilAt, untilReads } from "../harness/form.ts";
import { picture } from "../harness/picture.ts";
import { enter, guest, MEMBER, makeRoom, untilState } from "../harness/room.ts";
import { until } from "../harness/until.ts";

/** By when a member must come; the words are in the live region too. */
const COUNTDOWN = ".countdown-note";

async function counts(page: Page, words: string): Promise<void> {
  await page.locator(COUNTDOWN).getByText(words, { exact: true }).waitFor();
}

/** Whether somebody's picture is there and moves: a frame of it is shown within a second. */
function moves(page: Page, name: string): Promise<boolean> {
  // All at once: one that goes meanwhile would be waited for.
  const pictures = page.locator(`.tile:has-text("${name}") video`);
  return pictures.evaluateAll(async (videos: HTMLVideoElement[]) => {
    const moving = videos.map(
      (video) =>
        new Promise<boolean>((resolve) => {
          const late = setTimeout(() => resolve(false), 1_000);
          video.requestVideoFrameCallback(() => {
            clearTimeout(late);
            resolve(true);
          });
        }),
    );
    return (await Promise.all(moving)).includes(true);
  });
}

for (const engine of toldIn("firefox")) {
  test(`guests knock, and a member answers, in ${engine}`, () =>
    withSchool(
      `a kept door in ${engine}`,
      async (school, people) => {
        const { office, link } = await makeRoom(school, people, true);
        const member = office.page;
        const ann = await guest(people, link, "Ann Oyelaran");
        await untilAt(ann, "Waiting to be let in");
        await counts(ann, "A member must join within 10 minutes, or the call will end.");
        assert.deepEqual(await accessProblems("at the door", 1280, ann), []);
        await picture(ann, `at-the-door-${engine}`);
        await enter(member, school.origin);
        await untilReads(member, "Ann Oyelaran asks to be let in.");
        await ann.locator(COUNTDOWN).waitFor({ state: "detached" });
        const bob = await guest(people, link, "Bob Lind");
        await untilReads(member, "2 people ask to be let in.");
        assert.deepEqual(await accessProblems("who knocks", 1280, member), []);
        await picture(member, `who-knocks-${engine}`);
        await press(member, "Turn Bob Lind away");
        await untilAt(bob, "You were not let in");
        assert.deepEqual(await accessProblems("turned away", 1280, bob), []);
        await press(bob, "Join again");
        await untilReads(member, "2 people ask to be let in.");
        await press(member, "Turn everyone away");
        await untilAt(ann, "You were not let in");
        await untilAt(bob, "You were not let in");
        await press(ann, "Join again");
        await untilReads(member, "Ann Oyelaran asks to be let in.");
        await press(bob, "Join again");
        await untilReads(member, "2 people ask to be let in.");
        await press(member, "Let everyone in");
        await untilState(ann, "call");
        await untilState(bob, "call");

        // A guest has neither "Blur" nor "Invite guest" nor anybody to look after.
        assert.equal(await ann.getByRole("button", { name: "More" }).count(), 0);
        await press(member, "More");
        await picture(member, `more-${engine}`);
        await press(member, "People");
        const list = member.getByRole("dialog", { name: "People" });
        await list.waitFor();
        assert.deepEqual(await accessProblems("people", 1280, member), []);
        await picture(member, `people-${engine}`);
        await press(list, "Mute Ann Oyelaran");
        await untilReads(
          ann,
          `${MEMBER} has muted you. Only you can turn your microphone on again.`,
        );
        const mute = list.getByRole("button", { name: "Mute Ann Oyelaran" });
        await mute.waitFor({ state: "detached" });
        await until("her picture moves", () => moves(member, "Ann Oyelaran"));
        await press(list, "Put Ann Oyelaran on hold");
        await untilReads(ann, "You are on hold.");
        await until("her picture stands", async () => !(await moves(member, "Ann Oyelaran")));
        await until("theirs stands", async () => !(await moves(ann, MEMBER)));
        assert.deepEqual(await accessProblems("on hold", 1280, ann), []);
        await picture(ann, `on-hold-${engine}`);
        await press(list, "Take Ann Oyelaran off hold");
        await ann.locator(".on-hold").waitFor({ state: "detached" });
        await until("her picture moves again", () => moves(member, "Ann Oyelaran"));
        await until("theirs moves again", () => moves(ann, MEMBER));
        await press(list, "Disconnect Bob Lind");
        await untilAt(bob, "You were disconnected");
        await member.locator('.tile:has-text("Bob Lind")').waitFor({ state: "detached" });
        await press(member, "Close");

        await press(member, "More");
        await press(member, "End the call for everybody");
        const dialog = member.getByRole("dialog", { name: "End the call for everybody?" });
        assert.deepEqual(await accessProblems("ending for abuse", 1280, member), []);
        await picture(member, `ending-for-abuse-${engine}`);
        await fill(member, { "What happened (optional)": "She swore at us." });
        await press(dialog, "End the call");
        await untilAt(ann, "The school has ended this call");
        await untilAt(member, "This call was ended for everybody");
        await picture(member, `ended-by-a-member-${engine}`);
        assert.deepEqual(await accessProblems("ended for abuse", 1280, ann), []);
        await picture(ann, `ended-for-abuse-${engine}`);
        await ann.reload();
        await press(ann, "Join");
        await untilAt(ann, "The school has ended this call");
        // He was disconnected before, and was in that call all the same.
        await press(bob, "Join again");
        await untilAt(bob, "The school has ended this call");
        // By the link of the room she comes as nobody else either, in her browser.
        const own = ann.url();
        await ann.goto(link);
        await fill(ann, { "Your name": "Annie" });
        await press(ann, "Continue");
        await untilReads(
          ann,
          "The school has ended the call that you were in, so you cannot come in again. If you have a question, ask the school.",
        );
        await office.goTo("approvals");
        await untilReads(member, "Guests who cannot come back: Ann Oyelaran and Bob Lind");
        await untilReads(member, "She swore at us.");
        assert.deepEqual(await accessProblems("calls that were ended", 1280, member), []);
        await picture(member, `stopped-calls-${engine}`);
        await press(member, "Let them back");
        const asks = member.getByRole("dialog", { name: "Let them back?" });
        await press(asks, "Let them back");
        await untilReads(member, "Counselling: they may come back.");
        await ann.goto(own);
        await press(ann, "Join");
        await untilAt(ann, "Waiting to be let in");
      },
      {},
      engine,
    ));
}
