/**
 * DIR-5: an invitation to register is good for 14 times 24 hours from the moment it was sent, and can be
 * sent anew after that; the older link stays dead. Until when, its reader sees by their own clock, and the
 * office by the school's. The program's clock is put forward.
 */

import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import type { Pupils, SchoolSettings } from "../../../web/src/wire/messages.ts";
import { asOffice } from "../../harness/as-office.ts";
import { eveningStory } from "../../harness/evening-story.ts";
import { fill, follow, press, tick, untilAt } from "../../harness/form.ts";
import { ADMINISTRATOR, Office } from "../../harness/office.ts";
import { until } from "../../harness/until.ts";

const EVE = "eve@home.example";
const MINUTE_S = 60;
const DAYS_S = 14 * 24 * 60 * MINUTE_S;
/** Where the school is, where the office is signed in, and where the parent is. */
const SCHOOL = "Asia/Tokyo";
const OFFICE = "Europe/Lisbon";
const PARENT = "America/Los_Angeles";

const registrationIn = (text = "") => /https?:\/\/\S+\/register#[\w-]+/.exec(text)?.[0] ?? "";

/** A moment as it is written where somebody reads it, in a zone. */
function moment(page: Page, instant: string, timeZone: string, day = true): Promise<string> {
  return page.evaluate(
    ([when, zone, withDay]) => {
      const date = { weekday: "long", day: "numeric", month: "long" } as const;
      const time = { hour: "2-digit", minute: "2-digit" } as const;
      const parts = withDay ? { ...date, ...time } : time;
      return new Intl.DateTimeFormat("en-GB", { timeZone: zone, ...parts }).format(new Date(when));
    },
    [instant, timeZone, day] as const,
  );
}

eveningStory("an invitation to register is good for fourteen days", async (school, people) => {
  const office = await Office.setUp(await people.somebody(OFFICE), school);
  const { page } = office;
  const guardians = [{ name: "Eve Reed", email: EVE }];
  const settings = await asOffice<SchoolSettings>(page, "GET", "school/settings");
  await asOffice(page, "PUT", "school/settings", { ...settings, time_zone: SCHOOL });
  await office.addPupil({ name: "Ada Reed", classes: [], guardians });
  await follow(page, "User Invitations");
  await tick(page, [/^Eve Reed/]);
  await press(page, "Send Invitations");
  const review = page.getByRole("dialog");
  const sent = Date.now();
  await review.getByRole("button", { name: "Send", exact: true }).click();
  const letter = await school.mail.untilFor(EVE);
  const first = registrationIn(letter.text);
  const all = await asOffice<Pupils>(page, "POST", "registrations/search", { search: "Ada" });
  const until14 = all.pupils[0]?.contacts[0]?.until ?? "";
  const here = await moment(page, until14, SCHOOL);
  assert.ok(letter.text?.includes(await moment(page, until14, SCHOOL, false)), letter.text);
  await review.getByText(`It expires on ${here} (`).waitFor();
  await press(review, "Close");
  await page.getByText(`Invited, until ${here} (`).waitFor();
  await page
    .getByText(await moment(page, until14, OFFICE, false))
    .first()
    .waitFor();
  /** As long after it was sent, at the latest; some seconds later at a minute's distance from the end. */
  const since = async (seconds: number) => {
    school.kill();
    await school.startAgain(seconds - Math.ceil((Date.now() - sent) / 1000));
  };

  const parent = await people.somebody(PARENT);
  await since(DAYS_S - MINUTE_S);
  await parent.goto(first);
  await untilAt(parent, "Create your account");
  const there = await moment(parent, until14, PARENT);
  assert.notEqual(there, here);
  const words = `This invitation is good until ${there}, by the clock where you are.`;
  await parent.getByText(words, { exact: true }).waitFor();

  await since(DAYS_S + MINUTE_S);
  await parent.reload();
  await untilAt(parent, "This invitation has expired");
  await parent.getByText(`It was good until ${there}.`, { exact: true }).waitFor();

  // The office was signed in two weeks ago.
  await page.reload();
  await fill(page, { "Email address": ADMINISTRATOR.email, Password: ADMINISTRATOR.password });
  await press(page, "Sign in");
  await follow(page, "User Invitations");
  await page.getByText("Invitation expired", { exact: true }).waitFor();
  await page.getByRole("button", { name: "Re-invite Eve Reed" }).click();
  await review.getByRole("button", { name: "Send", exact: true }).click();
  // The first may come once more, where the program was killed before it had noted that it was sent.
  const second = await until("a new link comes", () =>
    school.mail
      .for(EVE)
      .map(({ text }) => registrationIn(text))
      .find((link) => link !== "" && link !== first),
  );
  await parent.goto(second);
  await untilAt(parent, "Create your account");
  await parent.goto(first);
  await untilAt(parent, "There is a newer invitation");
});
