/** Filling in a form as a person does: by the labels that they read. */

import type { Locator, Page } from "playwright-core";

/** Types into the fields of these labels, or chooses there. */
export async function fill(page: Page, fields: Readonly<Record<string, string>>): Promise<void> {
  for (const [label, value] of Object.entries(fields)) {
    const field = page.getByLabel(label, { exact: true });
    if ((await field.evaluate((element) => element.tagName)) === "SELECT") {
      await field.selectOption(value);
    } else {
      await field.fill(value);
    }
  }
}

export async function tick(page: Page, labels: readonly (string | RegExp)[]): Promise<void> {
  for (const label of labels) {
    await page.getByLabel(label, { exact: typeof label === "string" }).check();
  }
}

export async function press(page: Page | Locator, button: string): Promise<void> {
  await page.getByRole("button", { name: button, exact: true }).click();
}

export async function follow(page: Page, link: string): Promise<void> {
  await page.getByRole("link", { name: link, exact: true }).click();
}

/** Waits until the page of this heading is shown. */
export async function untilAt(page: Page, heading: string | RegExp): Promise<void> {
  await page.getByRole("heading", { level: 1, name: heading, exact: true }).waitFor();
}

/** Waits until exactly these words stand on the page. */
export async function untilReads(page: Page, words: string, withinMs = 30_000): Promise<void> {
  await page.getByText(words, { exact: true }).first().waitFor({ timeout: withinMs });
}
