/** A waiting area, and who comes to it. */

import type { Locator, Page } from "playwright-core";
import { fill, press, tick, untilAt, untilReads } from "./form.ts";
import type { Office } from "./office.ts";
import type { People } from "./people.ts";

const PURPOSE = "Ask us about places and registration.";

/** An area with its providers; gives its link. */
export async function makeArea(
  office: Office,
  name: string,
  providers: readonly string[],
): Promise<string> {
  await office.goTo("areas/new");
  await fill(office.page, { Name: name, "What it is for": PURPOSE });
  await tick(
    office.page,
    providers.map((one) => new RegExp(`^${one}`)),
  );
  await press(office.page, "Save");
  await untilReads(office.page, `${name} has been saved.`);
  await office.page.getByRole("link", { name, exact: true }).click();
  await untilAt(office.page, "Change a waiting area");
  return office.page.getByLabel(`The link of ${name}`, { exact: true }).inputValue();
}

/** Somebody opens the link of the area of this name, and waits. */
export async function come(
  people: People,
  { link, area }: { readonly link: string; readonly area: string },
  name: string,
  reason = "",
): Promise<Page> {
  const page = await people.somebody();
  await page.goto(link);
  await untilAt(page, area);
  await untilReads(page, PURPOSE);
  await untilReads(page, "When you press Continue, you agree to the school's ground rules:");
  await fill(page, { "Your name": name, "What is it about?": reason });
  await press(page, "Continue");
  await page.locator('main[data-page="waiting"]').waitFor();
  return page;
}

/** The row of a caller in the list. */
export function row(page: Page, name: string): Locator {
  return page.getByRole("row").filter({ hasText: name });
}
