/** A person who has a keyboard, and no mouse and no screen. */

import assert from "node:assert/strict";
import type { CDPSession, Page } from "playwright-core";

/** More than any page has to offer. */
const TABS_AT_MOST = 150;

const devices = new WeakMap<Page, Promise<CDPSession>>();

/** What has the focus, by its name in the tree that Chromium gives to screen readers. */
async function focused(page: Page): Promise<string> {
  const device = devices.get(page) ?? page.context().newCDPSession(page);
  devices.set(page, Promise.resolve(device));
  const session = await device;
  const { result } = await session.send("Runtime.evaluate", {
    expression: "document.activeElement",
  });
  const { objectId } = result;
  if (objectId === undefined) {
    return "";
  }
  const { nodes } = await session.send("Accessibility.getPartialAXTree", {
    objectId,
    fetchRelatives: false,
  });
  const name = nodes.find(({ ignored }) => !ignored)?.name?.value;
  return String(name ?? "")
    .replaceAll(/\s+/g, " ")
    .trim();
}

/**
 * Waits until the page has moved the focus, if it is about to. A page, a dialogue and news take it by what they
 * do once they are in place, after a frame, or put off from there until they are drawn, by another frame: whoever
 * presses a key before has the focus taken from under their finger.
 */
async function untilFocusIsMoved(page: Page): Promise<void> {
  await page.evaluate(
    () =>
      new Promise<void>((resolve) => {
        const afterFrames = (left: number) => {
          if (left === 0) {
            resolve();
          } else {
            requestAnimationFrame(() => setTimeout(() => afterFrames(left - 1)));
          }
        };
        afterFrames(2);
      }),
  );
}

/** Presses Tab until something of this name has the focus; it must be seen to have it. */
export async function tabTo(page: Page, name: string | RegExp): Promise<void> {
  await untilFocusIsMoved(page);
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

/**
 * Waits until the page tells these news of what was done: they take the focus when they are drawn, and a key
 * that is pressed before goes to them.
 */
export async function untilTold(page: Page, news: string): Promise<void> {
  await page.locator(".news:focus").getByText(news, { exact: true }).waitFor();
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
