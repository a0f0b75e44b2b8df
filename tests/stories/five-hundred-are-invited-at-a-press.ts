/** DIR-3 and DIR-5: at most 500 contacts are invited at a press, with progress; more are refused before anything is sent. */

import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { MOST_INVITED } from "../../web/src/wire/limits.ts";
import { accessProblems } from "../harness/accessibility.ts";
import { eveningStory } from "../harness/evening-story.ts";
import { follow, press, tick, untilReads } from "../harness/form.ts";
import { Office } from "../harness/office.ts";
import { picture } from "../harness/picture.ts";
import { until } from "../harness/until.ts";

const FAMILIES = MOST_INVITED + 2;
const FILE = Array.from({ length: FAMILIES }, (_, nth) => {
  const family = String(nth).padStart(3, "0");
  return `Student ${family},Parent ${family},p${family}@home.example`;
});

/** Ticks so many contacts, page by page, as each can be. */
async function tickMany(page: Page, many: number): Promise<void> {
  for (let left = many; left > 0; ) {
    const boxes = page.locator("input[name=contact]:not(:checked)");
    await boxes.first().waitFor();
    left -= await boxes.evaluateAll((all, most) => {
      const some = all.slice(0, most);
      for (const box of some) {
        (box as HTMLInputElement).click();
      }
      return some.length;
    }, left);
    await untilReads(page, `${many - left} contacts are ticked`);
    if (left > 0) {
      await press(page, "Next pupils");
    }
  }
}

eveningStory("five hundred are invited at a press", async (school, people) => {
  const office = await Office.setUp(await people.somebody(), school);
  const { page } = office;
  await office.importStudents(["Student,Guardian,E-mail", ...FILE].join("\n"));
  await follow(page, "User Invitations");
  await untilReads(page, `${FAMILIES} pupils`);
  await tickMany(page, MOST_INVITED + 1);
  await press(page, "Send Invitations");
  const refused = page.getByRole("alert");
  await refused
    .getByText("501 contacts are ticked, and at most 500 can be invited at a time.")
    .waitFor();
  assert.equal(await page.getByRole("dialog").count(), 0);
  assert.deepEqual(await accessProblems("registrations-too-many", 1280, page), []);
  await picture(page, "registrations-too-many");
  assert.equal(school.mail.messages.length, 0);

  await tick(page, ["Parents"]);
  await press(page, "Send Invitations");
  const review = page.getByRole("dialog");
  await review.getByText("500 people get an invitation to register.").waitFor();
  await review.getByText("2 more are left: send again for them.").waitFor();
  assert.equal(await refused.count(), 0);
  await picture(page, "registrations-review-500");
  await press(review, "Send");
  await review.getByText(/^[1-9]\d* of 500 sent$/).waitFor();
  await picture(page, "registrations-progress-500");
  await review.getByText("500 of 500 sent", { exact: true }).waitFor();
  await until("each has one", () => school.mail.messages.length === MOST_INVITED);
  assert.equal(new Set(school.mail.messages.map((it) => it.recipient)).size, MOST_INVITED);
  await press(review, "Close");
  // Ticked before it is over, it would be unticked by that.
  await untilReads(page, "Nobody is ticked");

  await tick(page, ["Parents"]);
  await press(page, "Send Invitations");
  await review.getByText("2 people get an invitation to register.").waitFor();
  await review.getByText(/^500 others have an invitation that is still good/).waitFor();
  await press(review, "Go back");
});
