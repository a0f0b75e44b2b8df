/** SCR-9: WCAG 2.2 AA as far as a program can tell, and no sideways scrolling at 320 px. */

import assert from "node:assert/strict";
import { accessProblems } from "../harness/accessibility.ts";
import { eachScreen } from "../harness/screens.ts";
import { story } from "../harness/story.ts";

story("the join, call, full and evicted pages are accessible", async (stage) => {
  const problems: string[] = [];
  await eachScreen(stage, async (screen, width, page) => {
    problems.push(...(await accessProblems(screen, width, page)));
  });
  assert.deepEqual(problems, []);
});
