/** What a program can tell of WCAG 2.2 AA, and of a narrow screen. */

import axe from "axe-core";
import type { Page } from "playwright-core";

const ALL: axe.RunOnly = {
  type: "tag",
  values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
};

/** What other words, colours and directions can change of a page whose elements stay as they are. */
const OF_ANOTHER_READER: axe.RunOnly = {
  type: "rule",
  values: [
    ...["color-contrast", "link-in-text-block", "target-size"],
    ...["html-has-lang", "html-lang-valid", "valid-lang", "document-title", "empty-heading"],
    ...["button-name", "link-name", "label", "select-name", "summary-name", "image-alt"],
    ...["aria-command-name", "aria-dialog-name", "aria-input-field-name", "aria-meter-name"],
    ...["aria-progressbar-name", "aria-toggle-field-name", "label-content-name-mismatch"],
  ],
};

export function problemsOf(page: Page): Promise<string[]> {
  return look(page, ALL);
}

/** The same of a page that was looked at already, for a reader of another language or with other colours. */
export function problemsForAnotherReader(page: Page): Promise<string[]> {
  return look(page, OF_ANOTHER_READER);
}

/** Elements, names and colours are the same in both browsers: a long run alone asks in Firefox as well. */
function isAskedIn(page: Page): boolean {
  const engine = page.context().browser()?.browserType().name();
  return engine !== "firefox" || process.env.HOMEROOM_LONG === "1";
}

async function look(page: Page, runOnly: axe.RunOnly): Promise<string[]> {
  if (!isAskedIn(page)) {
    return [];
  }
  // It is half a megabyte: a page that changes without being loaded anew keeps it.
  if (!(await page.evaluate(() => "axe" in globalThis))) {
    await page.evaluate(axe.source);
  }
  return page.evaluate(async (only) => {
    const { axe: here } = globalThis as unknown as { axe: typeof import("axe-core") };
    const { violations } = await here.run({ runOnly: only, resultTypes: ["violations"] });
    return violations.flatMap(({ id, help, nodes }) =>
      nodes.map(({ target }) => `${id}: ${help}: ${target.join(" ")}`),
    );
  }, runOnly);
}

/** By how many pixels a page is too wide for its window. */
export function overflowOf(page: Page): Promise<number> {
  return page.evaluate(() => {
    const root = document.documentElement;
    return root.scrollWidth - root.clientWidth;
  });
}

/** By how many pixels a page is too wide for a window of this width. */
export async function overflowAt(page: Page, width: number): Promise<number> {
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
