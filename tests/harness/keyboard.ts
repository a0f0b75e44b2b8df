/** A person who has a keyboard and no mouse. */

import assert from "node:assert/strict";
import type { Page } from "playwright-core";

/** More than any page has to offer. */
const TABS_AT_MOST = 150;

/** What has the focus, as a screen reader names it. */
function focused(page: Page): Promise<string> {
  return page.evaluate(() => {
    const element = document.activeElement;
    if (!(element instanceof HTMLElement)) {
      return "";
    }
    const labels = "labels" in element ? (element.labels as NodeListOf<HTMLElement> | null) : null;
    const words = labels?.[0]?.textContent ?? element.textContent ?? "";
    return words.replaceAll(/\s+/g, " ").trim();
  });
}

/** Presses Tab until something of this name has the focus; it must be seen to have it. */
export async function tabTo(page: Page, name: string | RegExp): Promise<void> {
  const seen: string[] = [];
  for (let tab = 0; tab < TABS_AT_MOST; tab += 1) {
    await page.keyboard.press("Tab");
    const now = await focused(page);
    if (typeof name === "string" ? now === name : name.test(now)) {
      const outline = await page.evaluate(() => {
        const element = document.activeElement;
        return element === null ? "" : getComputedStyle(element).outlineStyle;
      });
      assert.notEqual(outline, "none", `the focus on ${name} cannot be seen`);
      return;
    }
    seen.push(now);
  }
  assert.fail(`no ${name} among ${[...new Set(seen)].join(" | ")}`);
}

export async function activate(page: Page, name: string | RegExp): Promise<void> {
  await tabTo(page, name);
  await page.keyboard.press("Enter");
}

export async function typeInto(page: Page, name: string, text: string): Promise<void> {
  await tabTo(page, name);
  await page.keyboard.type(text);
}

export async function toggle(page: Page, name: string | RegExp): Promise<void> {
  await tabTo(page, name);
  await page.keyboard.press("Space");
}
