/** DIR-4, ROOM-3: whoever gives the name of somebody with a court order waits for the office, and learns nothing. */

import assert from "node:assert/strict";
import { accessProblems } from "../harness/accessibility.ts";
import { eveningStory } from "../harness/evening-story.ts";
import { fill, press, tick, untilAt, untilReads } from "../harness/form.ts";
import { picture } from "../harness/picture.ts";
import { makeRoom } from "../harness/room.ts";

const BARRED = "Rui Costa";

eveningStory("a name that is kept away waits at the door of a room", async (school, people) => {
  const { office, link } = await makeRoom(school, people, false);
  await tick(office.page, ["What it is about"]);
  await press(office.page, "Save");
  await untilReads(office.page, "Counselling has been saved.");
  await office.addPupil({
    name: "Ana Santos",
    classes: [],
    guardians: [{ name: BARRED, email: "rui@example.org" }],
  });
  await office.page.getByRole("link", { name: BARRED }).click();
  await press(office.page, "Enter a court order");
  const asked = office.page.getByRole("dialog");
  await asked.getByRole("button", { name: "Enter a court order", exact: true }).click();
  await untilReads(office.page, "A court order is on record");
  const held = async () => {
    const page = await people.somebody();
    await page.goto(link);
    await untilAt(page, "Counselling");
    await fill(page, { "Your name": BARRED, "What is it about?": "A key" });
    await press(page, "Continue");
    await untilReads(page, "Your school needs to approve this invitation.");
    await untilReads(page, "Please wait a few minutes, then press “Continue” again.");
    return page;
  };
  // Where the answer is lost, they wait all the same: by this page they are who they were.
  const lost = await people.somebody();
  await lost.goto(link);
  await untilAt(lost, "Counselling");
  await lost.route(
    "**/visitors",
    async (route) => {
      await route.fetch();
      await route.abort();
    },
    { times: 1 },
  );
  await fill(lost, { "Your name": BARRED, "What is it about?": "A lost key" });
  await press(lost, "Continue");
  await lost.getByText("The school’s server cannot be reached.").first().waitFor();
  await fill(lost, { "Your name": "Gus Oyelaran" });
  await press(lost, "Continue");
  await untilReads(lost, "Your school needs to approve this invitation.");
  await office.goTo("approvals");
  await untilReads(office.page, "About: A lost key");
  await picture(office.page, "approvals-lost");
  await press(office.page, "Turn them away");
  await office.page.getByRole("dialog").getByRole("button", { name: "Turn them away" }).click();
  await untilReads(office.page, `${BARRED} does not come in.`);

  const page = await held();
  assert.deepEqual(await accessProblems("held at the door", 1280, page), []);
  await picture(page, "held-at-the-door");
  // By this page they wait, whatever name they give.
  await fill(page, { "Your name": "Gus Oyelaran" });
  // What they read is what they read before: the answer is what tells that they were told it again.
  const answered = page.waitForResponse("**/visitors");
  await press(page, "Continue");
  await answered;
  await untilReads(page, "Your school needs to approve this invitation.");

  await office.goTo("approvals");
  await office.page.getByText(`This may be ${BARRED}, who is under a court order`).waitFor();
  await picture(office.page, "approvals-door");
  await press(office.page, "Let them in");
  await office.page.getByText(`${BARRED} can come in`).waitFor();
  await press(page, "Continue");
  await untilReads(page, `This is the link of ${BARRED} (Guest).`);

  const other = await held();
  await office.goTo("approvals");
  await press(office.page, "Turn them away");
  await office.page.getByText("They are not told why.").waitFor();
  await picture(office.page, "approvals-turn-away");
  await office.page.getByRole("dialog").getByRole("button", { name: "Turn them away" }).click();
  await untilReads(office.page, `${BARRED} does not come in.`);
  await press(other, "Continue");
  await untilReads(other, "Your school needs to approve this invitation.");
});
