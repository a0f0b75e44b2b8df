/**
 * Pictures of the pages: those around a call, every state of one, and those of an evening; light and dark, in
 * English and, where a page has it, in Arabic. Named on the command line: `call`, `states`, `evening`; all of
 * them where none is.
 */

import { mkdir } from "node:fs/promises";
import type { Page } from "playwright-core";
import { eachCallScreen } from "../harness/call-screens.ts";
import { eachEveningScreen } from "../harness/evening-screens.ts";
import { withSchool } from "../harness/evening-story.ts";
import { withFamily } from "../harness/family.ts";
import { LOOKS, type Look, sitBefore } from "../harness/portrait.ts";
import { eachReader } from "../harness/readers.ts";
import { eachScreen, WIDTHS } from "../harness/screens.ts";
import { OUT, Stage } from "../harness/stage.ts";

async function picture(screen: string, width: number, page: Page, whole: boolean): Promise<void> {
  await eachReader(page, async (reader) => {
    const path = `${OUT}${screen}-${width}-${reader}.png`;
    // Nothing is pointed at; and what lies over the page covers the window alone.
    await page.mouse.move(0, 0);
    const fullPage = whole && (await page.locator("dialog[open]").count()) === 0;
    await page.screenshot({ path, fullPage });
    console.log(path);
  });
}

const [, , ...named] = process.argv;
const isWanted = (part: string) => named.length === 0 || named.includes(part);

await mkdir(OUT, { recursive: true });
if (isWanted("call")) {
  const stage = await Stage.set({
    prepare: (context, index) => sitBefore(context, LOOKS[index % LOOKS.length] as Look),
  });
  try {
    await eachScreen(stage, (screen, width, page) => picture(screen, width, page, false));
  } finally {
    await stage.strike();
  }
}
if (isWanted("evening")) {
  await withSchool("screenshots", (school, people) =>
    eachEveningScreen(school, people, WIDTHS, (screen, width, page) =>
      picture(screen, width, page, true),
    ),
  );
}
if (isWanted("states")) {
  await withFamily("screenshots of states", (family, people) =>
    eachCallScreen(family, people, WIDTHS, (screen, width, page) =>
      picture(screen, width, page, !screen.startsWith("call-teacher")),
    ),
  );
}
