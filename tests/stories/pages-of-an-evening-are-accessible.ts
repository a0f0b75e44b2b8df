/** SCR-9, for the pages of office, parents, guests and teachers. */

import assert from "node:assert/strict";
import { overflowOf, problemsOf } from "../harness/accessibility.ts";
import { eachEveningScreen } from "../harness/evening-screens.ts";
import { eveningStory } from "../harness/evening-story.ts";

const WIDE = 1280;
const NARROW = 320;

eveningStory("the pages of an evening are accessible", async (school, people) => {
  const problems: string[] = [];
  // Wide and narrow pages are the same elements: axe looks at one of them, and the other must fit.
  await eachEveningScreen(school, people, [WIDE, NARROW], async (screen, width, page) => {
    if (width === WIDE) {
      problems.push(...(await problemsOf(page)).map((text) => `${screen}: ${text}`));
    } else if ((await overflowOf(page)) > 0) {
      problems.push(`${screen} is too wide at ${width} px`);
    }
  });
  assert.deepEqual(problems, []);
});
