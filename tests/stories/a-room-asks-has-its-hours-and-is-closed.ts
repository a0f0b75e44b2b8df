/** ROOM-6, ROOM-7: the office says what guests of a room enter and when they may come, and closes it. */

import assert from "node:assert/strict";
import { accessProblems } from "../harness/accessibility.ts";
import { eveningStory } from "../harness/evening-story.ts";
import { fill, follow, press, tick, untilAt, untilReads } from "../harness/form.ts";
import { picture } from "../harness/picture.ts";
import { makeRoom } from "../harness/room.ts";

eveningStory("a room asks, has its hours and is closed", async (school, people) => {
  const { office, link } = await makeRoom(school, people, false);
  const { page } = office;
  const open = async () => {
    await office.goTo("rooms");
    await follow(page, "Counselling");
    await untilAt(page, "Change a meeting room");
  };
  await tick(page, ["Their email address", "What it is about"]);
  await fill(page, { "Longest call, in minutes": "3" });
  await press(page, "Save");
  await untilReads(page, "Enter a whole number of minutes from 5 to 720, or nothing.");
  await fill(page, { "Longest call, in minutes": "45" });
  assert.deepEqual(await accessProblems("room", 1280, page), []);
  await picture(page, "office-room");
  await press(page, "Save");
  await untilReads(page, "Counselling has been saved.");

  const guest = await people.somebody();
  await guest.goto(link);
  await untilAt(guest, "Counselling");
  await fill(guest, { "Your name": "Gus Oyelaran", "What is it about?": "A lost key" });
  await press(guest, "Continue");
  await untilReads(guest, "Enter an email address.");
  assert.deepEqual(await accessProblems("what a room asks", 1280, guest), []);
  await picture(guest, "room-asks");
  await fill(guest, { "Your email address": "gus@example.org" });
  await press(guest, "Continue");
  await untilReads(guest, "This is the link of Gus Oyelaran (Guest).");
  await press(guest, "Join");
  await guest.locator('main[data-state="call"]').waitFor();
  await guest
    .getByRole("timer")
    .getByText(/^4[45]:\d\d left$/)
    .waitFor();

  await page.goto(`${school.origin}/staff`);
  await page.getByText("Counselling: 1 guest in the last 24 hours").first().click();
  await untilReads(page, "A lost key");
  assert.deepEqual(await accessProblems("guests", 1280, page), []);
  await picture(page, "staff-guests");

  // What the office changes reaches the call that is on.
  await open();
  await fill(page, { "Longest call, in minutes": "5" });
  await press(page, "Save");
  await guest
    .getByRole("timer")
    .getByText(/^[0-5]:\d\d left$/)
    .waitFor();
  await picture(guest, "limited-call");
  await open();
  await fill(page, { "Longest call, in minutes": "" });
  await press(page, "Save");
  await guest.getByText(/^\d+:\d\d left$/).waitFor({ state: "detached" });

  await open();
  await press(page, "Close this room");
  await page.getByText("A call that is on ends at once").waitFor();
  await picture(page, "close-room");
  await page.getByRole("dialog").getByRole("button", { name: "Close this room" }).click();
  await untilReads(page, "Counselling has been closed.");
  await untilAt(guest, "The call has ended");
  const late = await people.somebody();
  await late.goto(link);
  await late.locator('main[data-state="withdrawn"], main[data-state="over"]').first().waitFor();
  await picture(late, "room-closed-link");

  await open();
  await press(page, "Open this room again");
  await untilReads(page, "Counselling is open again.");
  await picture(page, "office-rooms-open");
  // On none of the next two days.
  const today = new Date().getUTCDay();
  const days = [2, 3, 4].map((ahead) => (today + ahead) % 7);
  const format = new Intl.DateTimeFormat("en-GB", { weekday: "long", timeZone: "UTC" });
  const names = days.map((day) => format.format(new Date(Date.UTC(1970, 0, 4 + day))));
  await open();
  await tick(page, names);
  await press(page, "Save");
  await untilReads(page, "Enter a time.");
  await fill(page, { "Opens at": "08:30", "Closes at": "16:00" });
  await press(page, "Save");
  await untilReads(page, "Counselling has been saved.");
  await late.goto("about:blank");
  await late.goto(link);
  await late.getByText("This meeting room is closed now. It opens on").waitFor();
  assert.deepEqual(await accessProblems("closed now", 1280, late), []);
  await picture(late, "room-closed-now");
});
