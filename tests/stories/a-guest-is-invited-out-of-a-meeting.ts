/** ROOM-2, OPS-4, LINK-2: guests are written to out of a meeting, say who they are, come in, and are removed. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { accessProblems } from "../harness/accessibility.ts";
import { Api, attempt, type Link, linkOf } from "../harness/api.ts";
import { withSchool } from "../harness/evening-story.ts";
import { fill, press, tick, untilAt, untilReads } from "../harness/form.ts";
import { Kannel } from "../harness/kannel.ts";
import { linkIn } from "../harness/mailbox.ts";
import { Office } from "../harness/office.ts";
import { OUT } from "../harness/stage.ts";
import { until } from "../harness/until.ts";

type Guest = { readonly id: string; readonly state: string };

async function untilState(page: Page, state: string): Promise<void> {
  await page.locator(`main[data-state="${state}"]`).waitFor();
}

/** The meeting of a call, as its page hears of it. */
function meetingOf(page: Page): Promise<string> {
  return new Promise((resolve) => {
    page.on("websocket", (socket) => {
      socket.on("framereceived", ({ payload }) => {
        const meeting = /"meeting":"(\d+)"/.exec(String(payload))?.[1];
        if (meeting !== undefined) {
          resolve(meeting);
        }
      });
    });
  });
}

/** A guest opens the link that was sent to them, says their name, and joins. */
async function comeIn(page: Page, link: string, name: string): Promise<void> {
  await page.goto(link);
  await untilAt(page, "Counselling");
  await fill(page, { "Your name": name });
  await press(page, "Continue");
  await untilReads(page, `This is the link of ${name} (Guest).`);
  await press(page, "Join");
  await untilState(page, "call");
}

test("guests are invited by text and by e-mail, come in, and one is removed", async () => {
  const kannel = await Kannel.start();
  try {
    await withSchool(
      "a guest is invited out of a meeting",
      async (school, people) => {
        const office = await Office.setUp(await people.somebody(), school);
        await office.goTo("rooms/new");
        await fill(office.page, { Name: "Counselling" });
        await tick(office.page, [/^Dana Reyes/]);
        await press(office.page, "Save");
        await untilReads(office.page, "Counselling has been saved.");
        const member = office.page;
        await member.goto(`${school.origin}/staff`);
        await member.locator("summary").filter({ hasText: "Counselling" }).click();
        const meeting = meetingOf(member);
        await press(member, "Enter");
        await untilReads(member, "This is the link of Dana Reyes (Member).");
        await press(member, "Join");
        await untilState(member, "call");

        const api = new Api(school.origin);
        const key: Link = linkOf(member.url());
        const path = `/meetings/${await meeting}/guests`;
        const ask = async (rest: string, body = {}): Promise<string> => {
          const answer = await api.by(key, path + rest, body);
          assert.ok(answer.status < 300, answer.body);
          return answer.body;
        };
        await ask("/invite", { attempt: attempt(), mobile: "07700 900123", language: "pl" });
        await ask("/invite", { attempt: attempt(), email: "gil@home.example" });

        const [text] = await until("the text message arrives", () => {
          const { received } = kannel;
          return received.length > 0 && received;
        });
        assert.equal(text?.to, "+447700900123");
        const [says, line, ...more] = text.text.split("\n");
        assert.match(says ?? "", /^Dana Reyes \(.+\) zaprasza na rozmowę wideo/);
        assert.match(line ?? "", /^http:\S+\/j\/\S+#\S+$/);
        assert.deepEqual(more, [], "the link stands on a line of its own");
        const tess = await people.somebody();
        await tess.goto(line ?? "");
        await untilAt(tess, "Counselling");
        assert.deepEqual(await accessProblems("invited by text", 1280, tess), []);
        await press(tess, "Continue");
        await untilReads(tess, "Enter your name.");
        for (const width of [1280, 360]) {
          await tess.setViewportSize({ width, height: 900 });
          await tess.screenshot({ path: `${OUT}rooms/invited-${width}.png`, fullPage: true });
        }
        await comeIn(tess, line ?? "", "Tess Small");
        const mail = await school.mail.untilFor("gil@home.example");
        const gil = await people.somebody();
        await comeIn(gil, linkIn(mail), "Gil Great");
        await untilReads(member, "Tess Small");
        await untilReads(member, "Gil Great");
        // A reload is the same seat, and asks for no name.
        await tess.reload();
        await untilState(tess, "call");

        const { guests } = JSON.parse(await ask("")) as { guests: Guest[] };
        assert.deepEqual(
          guests.map(({ state }) => state),
          ["joined", "joined"],
        );
        await ask(`/${guests[0]?.id}/remove`);
        await untilReads(tess, "Your invitation has been withdrawn.", 2_000);
        await tess.reload();
        await untilReads(tess, "Your invitation has been withdrawn.");
        await untilState(gil, "call");
        assert.equal(kannel.received.length, 1, "nothing was sent twice");
        api.close();
      },
      kannel.settings,
    );
  } finally {
    await kannel.stop();
  }
});
