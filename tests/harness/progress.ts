/** Whether people see and hear each other: media that goes on arriving. */

import assert from "node:assert/strict";
import { until } from "./until.ts";
import type { Visitor } from "./visitor.ts";
import type { Slot } from "./watch.ts";

export type Wanted = { readonly sound?: boolean; readonly picture?: boolean };

/** Waits until sound and picture of each of `names` went on arriving from now on. */
export async function untilSeesAndHears(
  visitor: Visitor,
  names: readonly string[],
  { sound = true, picture = true }: Wanted = {},
): Promise<void> {
  const slots = await Promise.all(
    names.map((name) => until(`${visitor.name} sees ${name}'s tile`, () => visitor.slotOf(name))),
  );
  let before = await until(`${visitor.name} has a connection`, () => visitor.media());
  await until(`${visitor.name} sees and hears ${names.join(", ")}`, async () => {
    const now = await visitor.media();
    if (now !== undefined && slots.some((slot) => isAnew(before[slot], now[slot]))) {
      before = now;
    }
    for (const [index, slot] of slots.entries()) {
      assert.ok(
        arrives(before[slot], now?.[slot], sound, picture),
        `${names[index]}: ${JSON.stringify(before[slot])} then ${JSON.stringify(now?.[slot])}`,
      );
    }
    return true;
  });
}

/** Waits until each of them sees and hears all the others. */
export async function untilAllSeeAndHear(
  visitors: readonly Visitor[],
  wanted: Wanted = {},
): Promise<void> {
  await Promise.all(
    visitors.map((visitor) => {
      const others = visitors.filter((other) => other !== visitor).map(({ name }) => name);
      return untilSeesAndHears(visitor, others, wanted);
    }),
  );
}

/** Whether these are the counts of a connection that was made since. */
function isAnew(before: Slot | undefined, now: Slot | undefined): boolean {
  return (
    before !== undefined &&
    now !== undefined &&
    (now.audio.packets < before.audio.packets || now.camera.packets < before.camera.packets)
  );
}

function arrives(
  before: Slot | undefined,
  now: Slot | undefined,
  sound: boolean,
  picture: boolean,
): boolean {
  if (before === undefined || now === undefined) {
    return false;
  }
  const heard =
    now.audio.packets > before.audio.packets && now.audio.emitted > before.audio.emitted;
  const seen =
    now.camera.packets > before.camera.packets && now.camera.frames > before.camera.frames;
  return (!sound || heard) && (!picture || seen);
}
