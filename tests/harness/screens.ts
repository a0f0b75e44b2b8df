/** The four pages that people look at, each brought about as people bring it about. */

import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { untilAllSeeAndHear } from "./progress.ts";
import type { Stage } from "./stage.ts";
import { untilFull } from "./visitor.ts";

export type Screen = "join" | "call" | "full" | "evicted";

export const WIDTHS = [1280, 360] as const;

/** Shows each screen to `look`, at each width. */
export async function eachScreen(
  stage: Stage,
  look: (screen: Screen, width: number, page: Page) => Promise<void>,
): Promise<void> {
  const show = async (screen: Screen, page: Page) => {
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: width > 600 ? 800 : 740 });
      await look(screen, width, page);
    }
  };
  const first = await stage.arrives(0);
  await first.press("Turn on camera and microphone");
  await first.untilMentions("Choose devices");
  await show("join", first.page);

  await first.join();
  const others = await stage.seats([1, 2, 3]);
  await untilAllSeeAndHear([first, ...others]);
  await show("call", first.page);

  const fifth = await stage.arrives(4);
  await fifth.press("Join");
  await untilFull(fifth);
  await show("full", fifth.page);

  const [evicted] = others;
  assert.ok(evicted);
  const again = await stage.arrives(1);
  await again.join();
  await evicted.untilState("evicted");
  await show("evicted", evicted.page);
}
