/** Four seats, fixed slots, one offer for life: whoever comes, goes, shares or takes over. */

import assert from "node:assert/strict";
import { untilAllSeeAndHear } from "../harness/progress.ts";
import type { Stage } from "../harness/stage.ts";
import { story } from "../harness/story.ts";
import { until } from "../harness/until.ts";
import type { Visitor } from "../harness/visitor.ts";
import { assertOneOfferEach } from "../harness/watch.ts";

/** Waits until `visitor` decodes more of the screen that the person of this name shares. */
async function untilSeesScreenOf(visitor: Visitor, name: string): Promise<void> {
  const slot = await visitor.slotOf(name);
  const frames = async () => (await visitor.media())?.[slot]?.screen.frames ?? 0;
  const before = await frames();
  await until(`${visitor.name} sees the screen of ${name}`, async () => (await frames()) > before);
}

story("no peer connection makes a second offer", tell, { chromium: "shares" });

async function tell(stage: Stage): Promise<void> {
  const [one, two] = await stage.seats([0, 1]);
  assert.ok(one && two);
  await untilAllSeeAndHear([one, two]);

  await one.press("Share screen");
  await untilSeesScreenOf(two, one.name);
  const [late] = await stage.seats([2]);
  assert.ok(late);
  await untilSeesScreenOf(late, one.name);
  await one.press("Share screen");

  await two.press("Camera");
  await two.press("Microphone");
  await two.press("Camera");
  await two.press("Microphone");
  await untilAllSeeAndHear([one, two, late]);

  await late.press("Leave");
  await late.untilState("left");
  const [fourth] = await stage.seats([3]);
  assert.ok(fourth);
  const takeover = await stage.arrives(1);
  await takeover.join();
  await two.untilState("evicted");
  await untilAllSeeAndHear([one, takeover, fourth]);

  for (const { page } of [one, two, late, fourth, takeover]) {
    await assertOneOfferEach(page);
  }
}
