/** SCR-1: works with permission denied and with no devices, and says what to do. */

import assert from "node:assert/strict";
import { untilSeesAndHears } from "../harness/progress.ts";
import type { Stage } from "../harness/stage.ts";
import { story } from "../harness/story.ts";
import { until } from "../harness/until.ts";
import type { Visitor } from "../harness/visitor.ts";

/** Joins with nothing to send; sees and hears the other, who sees that there is nothing. */
async function joinsAllTheSame(bare: Visitor, other: Visitor): Promise<void> {
  await bare.join();
  await untilSeesAndHears(bare, [other.name]);
  await other.untilWith([bare.name, other.name]);
  const slot = await other.slotOf(bare.name);
  await until("the other page says that the camera is off", async () => {
    const tile = (await other.tiles()).find((each) => each.slot === slot);
    return tile?.text.includes("Camera off");
  });
  const received = (await other.media())?.[slot];
  assert.equal(received?.camera.frames, 0);
}

async function otherPerson(stage: Stage): Promise<Visitor> {
  const [other] = await stage.seats([0]);
  assert.ok(other);
  return other;
}

story("who denies camera and microphone joins and is told how to allow them", async (stage) => {
  const other = await otherPerson(stage);
  const bare = await stage.arrives(3, { permitted: false });
  await bare.press("Turn on camera and microphone");
  await bare.untilMentions("does not let this page use your camera and microphone");
  await bare.untilMentions("Allow the camera and the microphone there");
  await joinsAllTheSame(bare, other);
});

story(
  "who has no camera and no microphone joins and is told so",
  async (stage) => {
    const bare = await stage.arrives(3);
    await bare.press("Turn on camera and microphone");
    await bare.untilMentions("No camera was found");
    await bare.untilMentions("No microphone was found");
    const other = await stage.arrives(0, {}, "firefox");
    await other.join();
    await joinsAllTheSame(bare, other);
  },
  { chromium: "bare" },
);
