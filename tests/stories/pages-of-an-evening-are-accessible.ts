/** SCR-9, for the pages of office, parents, guests and teachers. */

import assert from "node:assert/strict";
import { overflowAt, problemsOf } from "../harness/accessibility.ts";
import { eachEveningScreen } from "../harness/evening-screens.ts";
import { eveningStory } from "../harness/evening-story.ts";

eveningStory("the pages of an evening are accessible", async (school, people) => {
  const problems: string[] = [];
  await eachEveningScreen(school, people, async (screen, width, page) => {
    // Wide and narrow pages are the same elements: axe looks once, the narrow window for itself.
    if (width > 600) {
      problems.push(...(await problemsOf(page)).map((text) => `${screen}: ${text}`));
    } else if ((await overflowAt(page, 320)) > 0) {
      problems.push(`${screen} is too wide at 320 px`);
    }
  });
  assert.deepEqual(problems, []);
});
