/**
 * SCR-9 in rooms and waiting areas: a member lets a guest in and looks after them, and answers a caller, and
 * both of these come in, by the names that a screen reader is given.
 */

import { test } from "node:test";
import type { Page } from "playwright-core";
import { makeArea, row } from "../harness/area.ts";
import { withSchool } from "../harness/evening-story.ts";
import { untilAt, untilReads } from "../harness/form.ts";
import { activate, typeInto } from "../harness/keyboard.ts";
import { MEMBER, makeRoom, untilState } from "../harness/room.ts";

const dialog = (page: Page) => page.getByRole("dialog");

async function comeIn(page: Page, link: string, door: string, name: string): Promise<void> {
  await page.goto(link);
  await untilAt(page, door);
  await typeInto(page, "Your name", name);
  await activate(page, "Continue");
}

test("a room and a waiting area by keyboard alone", () =>
  withSchool("a room and an area by keyboard", async (school, people) => {
    const { office, link } = await makeRoom(school, people, true);
    const desk = await makeArea(office, "Front desk", [MEMBER]);
    const member = office.page;

    const ann = await people.somebody();
    await comeIn(ann, link, "Counselling", "Ann Oyelaran");
    await untilReads(ann, "This is the link of Ann Oyelaran (Guest).");
    await activate(ann, "Join");
    await untilAt(ann, "Waiting to be let in");

    await member.goto(`${school.origin}/staff`);
    await untilAt(member, "Start page");
    await activate(member, /^Actions.*Counselling/);
    await activate(member, "Copy Meeting Room Link");
    await activate(member, /^Actions.*Counselling/);
    await activate(member, "Enter");
    await untilReads(member, `This is the link of ${MEMBER} (Member).`);
    await activate(member, "Join");
    await untilState(member, "call");
    await untilReads(member, "Ann Oyelaran asks to be let in.");
    await activate(member, "Let Ann Oyelaran in");
    await untilState(ann, "call");

    await activate(member, "More");
    await activate(member, "People");
    await dialog(member).waitFor();
    await activate(member, "Put Ann Oyelaran on hold");
    await untilReads(ann, "You are on hold.");
    await activate(member, "Take Ann Oyelaran off hold");
    await ann.locator(".on-hold").waitFor({ state: "detached" });
    await member.keyboard.press("Escape");
    await dialog(member).waitFor({ state: "detached" });
    await activate(member, "More");
    await activate(member, "Invite guest");
    await typeInto(member, "Their email address", "bob@example.org");
    await activate(member, "Send email");
    await school.mail.untilFor("bob@example.org");
    await activate(member, "Close");
    await activate(ann, "Leave");
    await untilAt(ann, "You have left the call");

    const khan = await people.somebody();
    await comeIn(khan, desk, "Front desk", "Mrs Khan");
    await untilReads(khan, "You are next");

    // Into the call that is on.
    const list = await member.context().newPage();
    await list.goto(`${school.origin}/staff`);
    await row(list, "Mrs Khan").waitFor();
    await activate(list, "Message Mrs Khan");
    await typeInto(list, "Your message", "One minute, please.");
    await activate(list, "Send");
    await untilReads(khan, "One minute, please.");
    await activate(list, "Add Mrs Khan to current Call");
    await dialog(list).waitFor();
    await activate(list, "Add to current video call");
    await untilState(khan, "call");
    await untilReads(khan, MEMBER);
    await activate(member, "Leave");
    await untilAt(member, "You have left the call");
  }));
