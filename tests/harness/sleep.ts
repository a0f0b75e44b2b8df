/** A telephone that is locked with a page open in it. */

import type { Page } from "playwright-core";
import type { Engine } from "./browsers.ts";

/** A page that is in view is looked at again, as when somebody comes back to it. */
export async function lookAgain(page: Page): Promise<void> {
  await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
}

/**
 * Puts a page away as a locked telephone does: it is hidden, has no network, and, where a browser can
 * be told so from outside, none of its timers runs. Gives what wakes it.
 */
export async function sleep(page: Page, engine: Engine): Promise<() => Promise<void>> {
  const context = page.context();
  await page.evaluate(() => {
    Object.defineProperty(document, "visibilityState", { configurable: true, value: "hidden" });
    document.dispatchEvent(new Event("visibilitychange"));
  });
  await context.setOffline(true);
  const device = engine === "firefox" ? null : await context.newCDPSession(page);
  await device?.send("Page.setWebLifecycleState", { state: "frozen" });
  return async () => {
    await device?.send("Page.setWebLifecycleState", { state: "active" });
    await device?.detach();
    await context.setOffline(false);
    await page.evaluate(() => {
      Reflect.deleteProperty(document, "visibilityState");
      document.dispatchEvent(new Event("visibilitychange"));
    });
  };
}
