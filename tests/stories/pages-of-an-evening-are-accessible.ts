/** SCR-9, for the pages of office, parents, guests and teachers. */

import assert from "node:assert/strict";
import { overflowAt, problemsForAnotherReader, problemsOf } from "../harness/accessibility.ts";
import { eachEveningScreen } from "../harness/evening-screens.ts";
import { eveningStory } from "../harness/evening-story.ts";
import { inLanguage, LANGUAGES } from "../harness/readers.ts";

const [, ...OTHERS] = LANGUAGES;

/**
 * In which other languages a page is looked at, on a dark device: in a long run in all, else in one, in turn. It
 * is looked at in English on a light device besides.
 */
const turns = new Map<string, number>();
function othersOf(screen: string): readonly string[] {
  if (process.env.HOMEROOM_LONG === "1") {
    return OTHERS;
  }
  const turn = turns.get(screen) ?? turns.size;
  turns.set(screen, turn);
  return [OTHERS[turn % OTHERS.length] ?? "ar"];
}

const WIDE = 1280;
const NARROW = 320;

eveningStory("the pages of an evening are accessible", async (school, people) => {
  const problems: string[] = [];
  const languages = new Set<string>();
  // Wide and narrow pages are the same elements: axe looks at one of them, and the other must fit.
  await eachEveningScreen(school, people, [WIDE], async (screen, _, page) => {
    const isLooked = async (language: string, problemsIn: typeof problemsOf) => {
      languages.add(language);
      const where = `${screen} in ${language}`;
      problems.push(...(await problemsIn(page)).map((text) => `${where}: ${text}`));
      if ((await overflowAt(page, NARROW)) > 0) {
        problems.push(`${where} is too wide at ${NARROW} px`);
      }
    };
    await isLooked("en", problemsOf);
    await page.emulateMedia({ colorScheme: "dark" });
    for (const other of othersOf(screen)) {
      await inLanguage(page, other, (language) => isLooked(language, problemsForAnotherReader));
    }
    await page.emulateMedia({ colorScheme: "light" });
  });
  // Pages of the office are in English alone; those of everybody else are not.
  assert.ok(languages.size >= LANGUAGES.length / 2, [...languages].join());
  assert.deepEqual(problems, []);
});
