/**
 * WAIT-1, WAIT-2, WAIT-4: two providers share a waiting area: what one does, the other reads at once; who
 * waits is messaged, added to the current call as far as it holds, and passed on.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { accessProblems } from "../harness/accessibility.ts";
import { come, makeArea, row } from "../harness/area.ts";
import { toldIn } from "../harness/browsers.ts";
import { withSchool } from "../harness/evening-story.ts";
import { fill, press, tick, untilAt, untilReads } from "../harness/form.ts";
import { ADMINISTRATOR, Office } from "../harness/office.ts";
import { picture } from "../harness/picture.ts";
import { untilState } from "../harness/room.ts";

const DANA = ADMINISTRATOR.name;
const MIA = { name: "Mia Lund", email: "mia@fairview.example" } as const;

for (const engine of toldIn("firefox")) {
  test(`two providers share a waiting area, in ${engine}`, () =>
    withSchool(
      `two providers in ${engine}`,
      async (school, people) => {
        const office = await Office.setUp(await people.somebody(), school);
        const mia = await people.somebody();
        await office.goTo("rooms/members/new");
        await fill(office.page, { Name: MIA.name, "Email address": MIA.email });
        await press(office.page, "Add");
        const shown = office.page.getByLabel(`The link for ${MIA.name}`);
        await mia.goto(await shown.inputValue());
        await fill(mia, { Password: "a quiet river under trees" });
        await press(mia, "Save the password and sign in");
        await untilAt(mia, "Start page");
        await makeArea(office, "Careers", [MIA.name]);
        await office.goTo("rooms/new");
        await fill(office.page, { Name: "Counselling" });
        await tick(office.page, ["Guests wait until a member lets them in", /^Mia Lund/]);
        await press(office.page, "Save");
        await untilReads(office.page, "Counselling has been saved.");
        const link = await makeArea(office, "Front desk", [DANA, MIA.name]);
        const desk = { link, area: "Front desk" };
        const dana = office.page;
        await dana.goto(`${school.origin}/staff`);
        await mia.reload();

        const khan = await come(people, desk, "Mrs Khan", "A place in Year 7");
        const lee = await come(people, desk, "Mr Lee");
        await press(mia, "Message Mr Lee");
        await fill(mia, { "Your message": "Two minutes more." });
        assert.deepEqual(await accessProblems("writes", 1280, mia), []);
        await picture(mia, `writes-${engine}`);
        await press(mia.getByRole("dialog"), "Send");
        await untilReads(lee, "Two minutes more.");
        assert.deepEqual(await accessProblems("is written to", 1280, lee), []);
        await picture(lee, `written-${engine}`);
        assert.doesNotMatch(await khan.content(), /minutes more/);
        await row(dana, "Mr Lee").getByText("They read: Two minutes more.").waitFor();

        // Of two who would take one caller, the second reads who was first, and cannot.
        await press(mia, "Join Mrs Khan");
        await press(dana, "Join Mrs Khan");
        await press(dana.getByRole("dialog"), "Join");
        await untilReads(mia, `${DANA} has taken Mrs Khan.`);
        await press(mia.getByRole("dialog"), "Join");
        await untilReads(mia, `${DANA} has taken Mrs Khan.`);
        await press(mia.getByRole("dialog"), "Go back");
        assert.equal(await mia.getByRole("button", { name: "Join Mrs Khan" }).count(), 0);
        await untilReads(dana, `This is the link of ${DANA} (Member).`);
        await press(dana, "Join");
        await untilState(dana, "call");
        await untilState(khan, "call");
        await row(mia, "Mrs Khan").getByText(`In a call with ${DANA}`).waitFor();

        // From beside the call Dana adds who waits to it.
        const beside = await dana.context().newPage();
        await beside.goto(`${school.origin}/staff`);
        await press(beside, "Add Mr Lee to current Call");
        await beside.getByRole("dialog").waitFor();
        assert.deepEqual(await accessProblems("adds", 1280, beside), []);
        await picture(beside, `adds-${engine}`);
        await press(beside.getByRole("dialog"), "Add to current video call");
        await untilState(lee, "call");
        await untilReads(dana, "Mr Lee");
        await row(mia, "Mr Lee").getByText(`In a call with ${DANA}`).waitFor();

        const noa = await come(people, desk, "Noa");
        // The fourth seat is the last: one more is refused, and waits on.
        const mo = await come(people, desk, "Mo");
        await press(beside, "Add Mo to current Call");
        await press(beside.getByRole("dialog"), "Add to current video call");
        await untilState(mo, "call");
        await press(beside, "Add Noa to current Call");
        await press(beside.getByRole("dialog"), "Add to current video call");
        await untilReads(beside, "This call is full. They go on waiting.");
        await picture(beside, `full-${engine}`);
        await press(beside.getByRole("dialog"), "Go back");
        await untilReads(noa, "You are next");

        await press(mia, "Pass Noa on");
        await mia.getByRole("dialog").waitFor();
        assert.deepEqual(await accessProblems("passes on", 1280, mia), []);
        await picture(mia, `passes-${engine}`);
        await press(mia.getByRole("dialog"), "Pass on");
        await untilAt(noa, "Careers");
        await untilReads(noa, "You are next");
        await mia.getByRole("table", { name: "Caller list: Careers" }).getByText("Noa").waitFor();
        await beside
          .getByRole("button", { name: "Add Noa to current Call" })
          .waitFor({ state: "detached" });

        // Mia fetches her into the meeting room in which she sits, past its kept door.
        const room = await mia.context().newPage();
        await room.goto(`${school.origin}/staff`);
        await room.locator(".menu summary").filter({ hasText: "Counselling" }).click();
        await press(room, "Enter");
        await untilReads(room, `This is the link of ${MIA.name} (Member).`);
        await press(room, "Join");
        await untilState(room, "call");
        await press(mia, "Add Noa to current Call");
        await press(mia.getByRole("dialog"), "Add to current video call");
        await untilState(noa, "call");
        await untilReads(room, "Noa");
        await untilReads(noa, MIA.name);
        await picture(noa, `fetched-into-a-room-${engine}`);
        await press(noa, "Leave");
        await row(mia, "Noa").getByText(`Was in a call with ${MIA.name}`).waitFor();
      },
      {},
      engine,
    ));
}
