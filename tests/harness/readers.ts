/** A page as it is for different readers: in each language, on a light or a dark device. */

import type { Page } from "playwright-core";
import { until } from "./until.ts";

export const LANGUAGES = ["en", "cy", "pl", "ro", "ur", "ar", "uk", "pt", "fr", "de"] as const;

/** What the reader chooses the language by. */
const CHOICE = ".language select";

/** The dialogue that has the choice in a call. */
const SETTINGS = ".control[aria-haspopup=dialog]";

/**
 * Has the page in this language while `work` is done, and in English again after it; where it cannot be had
 * in it, it is in English all along. `work` hears in which it is.
 */
export async function inLanguage(
  page: Page,
  language: string,
  work: (language: string) => Promise<void>,
): Promise<void> {
  if (language === "en" || !(await choose(page, language))) {
    await work("en");
    return;
  }
  try {
    await work(language);
  } finally {
    await choose(page, "en");
  }
}

async function choose(page: Page, language: string): Promise<boolean> {
  const choice = page.locator(CHOICE).first();
  const settings = page.locator(SETTINGS).last();
  const isInSettings = (await choice.count()) === 0 && (await settings.count()) > 0;
  const dialogues = page.locator("dialog[open]");
  const open = await dialogues.count();
  if (isInSettings) {
    // Also where another dialogue lies over it.
    await settings.evaluate((button) => (button as HTMLButtonElement).click());
    await until("the settings are open", async () => (await dialogues.count()) > open);
  }
  if ((await choice.count()) === 0) {
    return false;
  }
  // Also where a dialogue lies over it: what is looked at stays as it is.
  await choice.evaluate((select, tag) => {
    (select as HTMLSelectElement).value = tag;
    select.dispatchEvent(new Event("change", { bubbles: true }));
  }, language);
  await until(`the page is in ${language}`, () =>
    page.evaluate((tag) => document.documentElement.lang === tag, language),
  );
  if (isInSettings) {
    await page.keyboard.press("Escape");
    await until("the settings are closed", async () => (await dialogues.count()) === open);
  }
  return true;
}

/** Shows the page to `look` as everybody sees it: light and dark, in English and in Arabic. */
export async function eachReader(
  page: Page,
  look: (reader: string) => Promise<void>,
): Promise<void> {
  for (const language of ["en", "ar"]) {
    await inLanguage(page, language, async (shown) => {
      if (shown !== language) {
        return;
      }
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme });
        await look(`${colorScheme}-${language}`);
      }
      await page.emulateMedia({ colorScheme: null });
    });
  }
}
