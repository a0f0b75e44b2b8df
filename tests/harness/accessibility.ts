/** What a program can tell of WCAG 2.2 AA, and of a narrow screen. */

import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "playwright-core";

const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

export async function problemsOf(page: Page): Promise<string[]> {
  // Without frames to look into, a page is looked at in place, in a third of the time.
  const axe = new AxeBuilder({ page }).withTags(RULES).setLegacyMode(true);
  const { violations } = await axe.analyze();
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target }) => `${id}: ${help}: ${target.join(" ")}`),
  );
}

/** By how many pixels a page is too wide for its window. */
export function overflowOf(page: Page): Promise<number> {
  return page.evaluate(() => {
    const root = document.documentElement;
    return root.scrollWidth - root.clientWidth;
  });
}

/** By how many pixels a page is too wide for a window of this width. */
async function overflowAt(page: Page, width: number): Promise<number> {
  const size = page.viewportSize();
  await page.setViewportSize({ width, height: 700 });
  const overflow = await overflowOf(page);
  if (size) {
    await page.setViewportSize(size);
  }
  return overflow;
}

/** Both, in words; nothing where all is well. */
export async function accessProblems(
  screen: string,
  width: number,
  page: Page,
): Promise<readonly string[]> {
  const found = (await problemsOf(page)).map((text) => `${screen} at ${width}: ${text}`);
  const overflow = await overflowAt(page, 320);
  return overflow > 0 ? [...found, `${screen} at 320: ${overflow} px too wide`] : found;
}
