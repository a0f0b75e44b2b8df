/** A meeting room, and who meets in it. */

import type { Page } from "playwright-core";
import { fill, press, tick, untilAt, untilReads } from "./form.ts";
import { ADMINISTRATOR, Office } from "./office.ts";
import type { People } from "./people.ts";
import type { School } from "./school.ts";

/** The office's own account is its member. */
export const MEMBER = ADMINISTRATOR.name;

export async function untilState(page: Page, state: string): Promise<void> {
  await page.locator(`main[data-state="${state}"]`).waitFor();
}

/** A room of the office's own account; gives the office and the room's link. */
export async function makeRoom(
  school: School,
  people: People,
  kept: boolean,
): Promise<{ office: Office; link: string }> {
  const office = await Office.setUp(await people.somebody(), school);
  await office.goTo("rooms/new");
  await fill(office.page, { Name: "Counselling" });
  if (kept) {
    await tick(office.page, ["Guests wait until a member lets them in"]);
  }
  await tick(office.page, [new RegExp(`^${MEMBER}`)]);
  await press(office.page, "Save");
  await untilReads(office.page, "Counselling has been saved.");
  await office.page.getByRole("link", { name: "Counselling", exact: true }).click();
  const link = await office.page
    .getByLabel("The link of Counselling", { exact: true })
    .inputValue();
  return { office, link };
}

export async function guest(people: People, link: string, name: string): Promise<Page> {
  const page = await people.somebody();
  await page.goto(link);
  await untilAt(page, "Counselling");
  await fill(page, { "Your name": name });
  await press(page, "Continue");
  await untilReads(page, `This is the link of ${name} (Guest).`);
  await press(page, "Join");
  return page;
}

/** The office's own account enters the room as its member. */
export async function enter(page: Page, origin: string): Promise<void> {
  await page.goto(`${origin}/staff`);
  await untilAt(page, "Start page");
  await page.locator(".menu summary").filter({ hasText: "Counselling" }).click();
  await press(page, "Enter");
  await untilReads(page, `This is the link of ${MEMBER} (Member).`);
  await press(page, "Join");
  await untilState(page, "call");
}
