/**
 * Pictures of the pages: those around a call, and those of an evening; light and dark, in English and, where
 * a page has it, in Arabic.
 */

import { mkdir } from "node:fs/promises";
import type { Page } from "playwright-core";
import { eachEveningScreen } from "../harness/evening-screens.ts";
import { withSchool } from "../harness/evening-story.ts";
import { LOOKS, type Look, sitBefore } from "../harness/portrait.ts";
import { eachReader } from "../harness/readers.ts";
import { eachScreen, WIDTHS } from "../harness/screens.ts";
import { OUT, Stage } from "../harness/stage.ts";

async function picture(screen: string, width: number, page: Page, whole: boolean): Promise<void> {
  await eachReader(page, async (reader) => {
    const path = `${OUT}${screen}-${width}-${reader}.png`;
    await page.screenshot({ path, fullPage: whole });
    console.log(path);
  });
}

await mkdir(OUT, { recursive: true });
const stage = await Stage.set({
  prepare: (context, index) => sitBefore(context, LOOKS[index % LOOKS.length] as Look),
});
try {
  await eachScreen(stage, (screen, width, page) => picture(screen, width, page, false));
} finally {
  await stage.strike();
}
await withSchool("screenshots", (school, people) =>
  eachEveningScreen(school, people, WIDTHS, (screen, width, page) =>
    picture(screen, width, page, true),
  ),
);
