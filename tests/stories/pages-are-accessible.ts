/** SCR-9: WCAG 2.2 AA as far as a program can tell, and no sideways scrolling at 320 px. */

import assert from "node:assert/strict";
import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "playwright-core";
import { eachScreen } from "../harness/screens.ts";
import { story } from "../harness/story.ts";

const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

async function problemsOf(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).withTags(RULES).analyze();
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target }) => `${id}: ${help}: ${target.join(" ")}`),
  );
}

async function overflowAt(page: Page, width: number): Promise<number> {
  const size = page.viewportSize();
  await page.setViewportSize({ width, height: 700 });
  const overflow = await page.evaluate(() => {
    const root = document.documentElement;
    return root.scrollWidth - root.clientWidth;
  });
  if (size) {
    await page.setViewportSize(size);
  }
  return overflow;
}

story("the join, call, full and evicted pages are accessible", async (stage) => {
  const problems: string[] = [];
  await eachScreen(stage, async (screen, width, page) => {
    problems.push(...(await problemsOf(page)).map((text) => `${screen} at ${width}: ${text}`));
    const overflow = await overflowAt(page, 320);
    if (overflow > 0) {
      problems.push(`${screen} at 320: ${overflow} px too wide`);
    }
  });
  assert.deepEqual(problems, []);
});
