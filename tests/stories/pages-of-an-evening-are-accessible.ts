/** SCR-9, for the pages of office, parents, guests and teachers. */

import assert from "node:assert/strict";
import { overflowOf, problemsOf } from "../harness/accessibility.ts";
import { eachEveningScreen } from "../harness/evening-screens.ts";
import { eveningStory } from "../harness/evening-story.ts";
import { inLanguage, LANGUAGES } from "../harness/readers.ts";

type Reader = { readonly language: string; readonly colorScheme: "light" | "dark" };

const [, ...OTHERS] = LANGUAGES;
const reads = (language: string, colorScheme: Reader["colorScheme"]) => ({ language, colorScheme });

/**
 * For whom a page is looked at: in a long run for everybody, else in English on a light device, and in one
 * more language, in turn, on a dark one.
 */
const turns = new Map<string, number>();
function readersOf(screen: string): readonly Reader[] {
  if (process.env.HOMEROOM_LONG === "1") {
    return LANGUAGES.flatMap((language) => [reads(language, "light"), reads(language, "dark")]);
  }
  const turn = turns.get(screen) ?? turns.size;
  turns.set(screen, turn);
  const other = OTHERS[turn % OTHERS.length] ?? "ar";
  return [reads("en", "light"), reads(other, "dark")];
}

const WIDE = 1280;
const NARROW = 320;

eveningStory("the pages of an evening are accessible", async (school, people) => {
  const problems: string[] = [];
  const languages = new Set<string>();
  // Wide and narrow pages are the same elements: axe looks at one of them, and the other must fit.
  await eachEveningScreen(school, people, [WIDE, NARROW], async (screen, width, page) => {
    for (const { language: wanted, colorScheme } of readersOf(screen)) {
      await inLanguage(page, wanted, async (language) => {
        languages.add(language);
        await page.emulateMedia({ colorScheme });
        const where = `${screen} in ${language}, ${colorScheme}`;
        if (width === WIDE) {
          problems.push(...(await problemsOf(page)).map((text) => `${where}: ${text}`));
        } else if ((await overflowOf(page)) > 0) {
          problems.push(`${where} is too wide at ${width} px`);
        }
      });
    }
    await page.emulateMedia({ colorScheme: null });
  });
  // Pages of the office are in English alone; those of everybody else are not.
  assert.ok(languages.size >= LANGUAGES.length / 2, [...languages].join());
  assert.deepEqual(problems, []);
});
