/** ROOM-2, OPS-4, LINK-2: guests are written to out of a meeting, say who they are, come in, and are removed. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { accessProblems } from "../harness/accessibility.ts";
import { toldIn } from "../harness/browsers.ts";
import { withSchool } from "../harness/evening-story.ts";
import { withFamily } from "../harness/family.ts";
import { fill, press, tick, untilAt, untilReads } from "../harness/form.ts";
import { Kannel } from "../harness/kannel.ts";
import { linkIn } from "../harness/mailbox.ts";
import { Office } from "../harness/office.ts";
import { picture } from "../harness/picture.ts";
import { until } from "../harness/until.ts";

async function untilState(page: Page, state: string): Promise<void> {
  await page.locator(`main[data-state="${state}"]`).waitFor();
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

/** However much stands beside the people, the controls are there. */
async function untilInView(page: Page, button: string): Promise<void> {
  await until(`${button} is in view`, async () => {
    const box = await page.getByRole("button", { name: button, exact: true }).boundingBox();
    return box !== null && box.y + box.height <= (page.viewportSize()?.height ?? 0);
  });
}

/** What is told of an invited guest. */
const guestCard = (page: Page, name: string) =>
  page.getByRole("listitem").filter({ has: page.getByRole("heading", { name, exact: true }) });

async function openPanel(page: Page): Promise<void> {
  await press(page, "More");
  await press(page, "Invite guest");
  await page.getByRole("heading", { name: "Invite guest", exact: true }).waitFor();
}

/** What the server says to the page of a guest, who has a link that is good, and asks what a member asked. */
function asksAsWell(page: Page, path: string): Promise<readonly number[]> {
  return page.evaluate(async (path) => {
    const [, id = ""] = location.pathname.match(/\/j\/([^/]+)/) ?? [];
    const link = `/api/v1/links/${id}`;
    const secret = location.hash.slice(1);
    const ask = (path: string, body: object) =>
      fetch(path, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ secret, ...body }),
      });
    const invite = { attempt: "0".repeat(32), email: "another@home.example" };
    const answers = [
      await ask(link, {}),
      await ask(path.replace(/^\/api\/v1\/links\/[^/]+/, link), invite),
    ];
    return answers.map((answer) => answer.status);
  }, path);
}

for (const engine of toldIn("chromium")) {
  test(`guests are invited by text and by e-mail, and one is removed, in ${engine}`, async () => {
    const kannel = await Kannel.start();
    try {
      await withSchool(
        `a guest is invited out of a meeting in ${engine}`,
        async (school, people) => {
          const office = await Office.setUp(await people.somebody(), school);
          await office.goTo("rooms/new");
          await fill(office.page, { Name: "Counselling" });
          await tick(office.page, [/^Dana Reyes/]);
          await press(office.page, "Save");
          await untilReads(office.page, "Counselling has been saved.");
          const member = office.page;
          await member.goto(`${school.origin}/staff`);
          await member.locator(".menu summary").filter({ hasText: "Counselling" }).click();
          await press(member, "Enter");
          await untilReads(member, "This is the link of Dana Reyes (Member).");
          await press(member, "Join");
          await untilState(member, "call");

          await openPanel(member);
          await fill(member, { "Their mobile number": "020 7946 0123" });
          await press(member, "Send text message");
          await untilReads(
            member,
            "Enter the number of a mobile phone: this one cannot get text messages.",
          );
          assert.deepEqual(await accessProblems("a wrong number", 1280, member), []);
          await picture(member, `invite-guest-wrong-${engine}`);
          await fill(member, { "Their mobile number": "07700 900123" });
          await press(member, "Send text message");
          await untilReads(member, "The invite for 07700 900123 is on its way.");
          const asked = member.waitForRequest(/\/guests\/invite$/);
          await fill(member, { "Their email address": "gil@home.example" });
          await press(member, "Send email");
          await untilReads(member, "The invite for gil@home.example is on its way.");
          assert.deepEqual(await accessProblems("invite guest", 1280, member), []);
          await picture(member, `invite-guest-${engine}`);

          const [text] = await until("the text message arrives", () => {
            const { received } = kannel;
            return received.length > 0 && received;
          });
          assert.equal(text?.to, "+447700900123");
          const [says, line, ...more] = text.text.split("\n");
          assert.match(says ?? "", /^Dana Reyes \(.+\) invites you to a video meeting/);
          assert.match(line ?? "", /^http:\S+\/j\/\S+#\S+$/);
          assert.deepEqual(more, [], "the link stands on a line of its own");
          const tess = await people.somebody();
          await tess.goto(line ?? "");
          await untilAt(tess, "Counselling");
          assert.deepEqual(await accessProblems("invited by text", 1280, tess), []);
          await press(tess, "Continue");
          await untilReads(tess, "Enter your name.");
          await picture(tess, `invited-${engine}`);
          await comeIn(tess, line ?? "", "Tess Small");
          const mail = await school.mail.untilFor("gil@home.example");
          const gil = await people.somebody();
          await comeIn(gil, linkIn(mail), "Gil Great");
          await untilReads(member, "Tess Small");
          await untilReads(member, "Gil Great");
          // A reload is the same seat, and asks for no name.
          await tess.reload();
          await untilState(tess, "call");

          // A guest's page has no "Invite guest", and the server refuses it to them as well.
          assert.equal(await gil.getByRole("button", { name: "More", exact: true }).count(), 0);
          const path = new URL((await asked).url()).pathname;
          assert.deepEqual(await asksAsWell(gil, path), [200, 404]);

          const invited = guestCard(member, "Tess Small");
          await invited.getByText("Joined", { exact: true }).waitFor();
          await invited
            .getByRole("button", { name: "Remove", exact: true })
            .scrollIntoViewIfNeeded();
          await picture(member, `guests-joined-${engine}`);
          await press(invited, "Remove");
          await member.getByRole("dialog").waitFor();
          assert.deepEqual(await accessProblems("remove a guest", 1280, member), []);
          await picture(member, `guest-removed-${engine}`);
          await press(member, "Remove the invite");
          // In a call the server says so by itself; a page of a loaded machine draws it when it can.
          await untilReads(tess, "Your invitation has been withdrawn.");
          await tess.reload();
          await untilReads(tess, "Your invitation has been withdrawn.");
          await untilState(gil, "call");
          assert.equal(kannel.received.length, 1, "nothing was sent twice");
          await untilReads(member, "The invite for Tess Small has been removed.");
        },
        kannel.settings,
        engine,
      );
    } finally {
      await kannel.stop();
    }
  });
}

test("a teacher invites a guest out of an appointment, in firefox", () =>
  withFamily(
    "a guest is invited out of an appointment",
    async (family, people) => {
      family.begins(0);
      const teacher = await people.somebody();
      await teacher.goto(family.links.teacher);
      await press(teacher, "Join");
      await untilState(teacher, "call");
      await openPanel(teacher);

      // Nobody has that address: the teacher reads so, and takes it back.
      await fill(teacher, { "Their email address": "nobody@home.example" });
      await press(teacher, "Send email");
      const nobody = guestCard(teacher, "nobody@home.example");
      await nobody.getByText("Bounced", { exact: true }).waitFor();
      const byText = teacher.getByRole("button", { name: "Send text message" });
      assert.equal(await byText.count(), 0, "this school has no gateway");
      await untilReads(teacher, "The email could not be delivered. Check the address.");
      await press(nobody, "Remove");
      await teacher.getByRole("dialog").press("Escape");
      await teacher.getByRole("dialog").waitFor({ state: "detached" });
      await press(nobody, "Remove");
      await press(teacher, "Remove the invite");
      await untilReads(teacher, "The invite for nobody@home.example has been removed.");
      await untilReads(teacher, "Nobody is invited yet.");

      await press(teacher, "Copy link");
      await untilReads(teacher, "The link has been copied.");
      const link = await teacher.getByLabel("This guest’s link").inputValue();
      await untilInView(teacher, "Leave");
      await picture(teacher, "invite-guest-appointment");
      const aunt = await people.somebody();
      await aunt.goto(link);
      await fill(aunt, { "Your name": "Tia Ramos" });
      await press(aunt, "Continue");
      await press(aunt, "Join");
      await untilState(aunt, "call");
      await guestCard(teacher, "Tia Ramos").getByText("Joined", { exact: true }).waitFor();
      // Whoever is a guest invites nobody.
      assert.equal(await aunt.getByRole("button", { name: "More", exact: true }).count(), 0);
    },
    { engine: "firefox" },
  ));
