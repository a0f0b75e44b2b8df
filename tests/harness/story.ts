/** A story: one thing that must come true on a stage. */

import { test } from "node:test";
import { type Setting, Stage } from "./stage.ts";

/** Tells a story by its name; what it leaves behind when it fails is in `tests/out`. */
export function story(
  name: string,
  tell: (stage: Stage) => Promise<void>,
  setting: Setting = {},
): void {
  test(name, async () => {
    const stage = await Stage.set(setting);
    const failures: unknown[] = [];
    try {
      await tell(stage);
    } catch (error) {
      failures.push(error);
      await stage.keep(name);
    }
    try {
      await stage.strike();
    } catch (error) {
      failures.push(error);
    }
    if (failures.length > 0) {
      throw failures.length === 1 ? failures[0] : new AggregateError(failures);
    }
  });
}
