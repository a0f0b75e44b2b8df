/** Pictures of pages at both widths, for whoever wants to look at them. */

import type { Page } from "playwright-core";

/** Keeps them in the folder that HOMEROOM_SCREENSHOTS names; where it names none, none are taken. */
export async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env.HOMEROOM_SCREENSHOTS;
  if (folder === undefined) {
    return;
  }
  const before = page.viewportSize();
  for (const width of [1280, 360]) {
    await page.setViewportSize({ width, height: 900 });
    await page.screenshot({ path: `${folder}/${name}-${width}.png`, fullPage: true });
  }
  if (before !== null) {
    await page.setViewportSize(before);
  }
}
