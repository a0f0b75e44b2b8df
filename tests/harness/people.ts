/** People with a browser profile each, in one browser. */

import type { Browser, Page } from "playwright-core";
import type { Engine } from "./browsers.ts";
import { useSmallCamera } from "./watch.ts";

const WINDOW = { width: 900, height: 900 };

export class People {
  readonly #browser: Browser;
  readonly #origin: string;
  readonly #engine: Engine;

  /** They come to the program at this origin, which may use their cameras and microphones. */
  constructor(browser: Browser, origin: string, engine: Engine) {
    this.#browser = browser;
    this.#origin = origin;
    this.#engine = engine;
  }

  /** Somebody else, with an empty page; their clock is that of a zone, where one is named. */
  async somebody(timezoneId?: string): Promise<Page> {
    const zone = timezoneId === undefined ? {} : { timezoneId };
    const context = await this.#browser.newContext({ viewport: WINDOW, locale: "en-GB", ...zone });
    if (this.#engine !== "firefox") {
      await context.grantPermissions(["camera", "microphone"], { origin: this.#origin });
    }
    await useSmallCamera(context);
    return context.newPage();
  }

  /** Pictures of every page that is open. */
  async keep(folder: string): Promise<void> {
    const pages = this.#browser.contexts().flatMap((context) => context.pages());
    for (const [index, page] of pages.entries()) {
      // A page that cannot be pictured must not hide why the story failed.
      await page
        .screenshot({ path: `${folder}${index}.png`, timeout: 5_000 })
        .catch(() => undefined);
    }
  }

  async leave(): Promise<void> {
    await this.#browser.close();
  }
}
