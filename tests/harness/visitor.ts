/** A person at a page: what they press, and what they see. */

import assert from "node:assert/strict";
import type { Browser, BrowserContext, Page, Request } from "playwright-core";
import type { Engine } from "./browsers.ts";
import type { Invitation } from "./program.ts";
import { until } from "./until.ts";
import { mediaOf, type Slot, watch } from "./watch.ts";

/** What a page is at. */
export type PageState =
  | "loading"
  | "join"
  | "joining"
  | "queued"
  | "call"
  | "reconnecting"
  | "evicted"
  | "left";

/** Somebody on a tile of a page. */
export type Tile = {
  readonly participant: number;
  /** The slot in which the page receives them; none for the page's own tile. */
  readonly slot: number | undefined;
  readonly text: string;
};

/** Small, because five windows are drawn without a graphics card. */
const WINDOW = { width: 640, height: 480 };

export type Arrival = {
  /** Whether the browser may use camera and microphone. */
  readonly permitted?: boolean;
  /** The link to open, where it is not the invitation's own. */
  readonly url?: string;
  /** Does more to the browser profile before its first page opens. */
  readonly prepare?: (context: BrowserContext) => Promise<void> | undefined;
};

export class Visitor {
  readonly name: string;
  readonly page: Page;
  /** Every request the page has made. */
  readonly requests: Request[] = [];
  readonly #url: string;

  private constructor(name: string, page: Page, url: string) {
    this.name = name;
    this.page = page;
    this.#url = url;
    page.on("request", (request) => this.requests.push(request));
  }

  /** A browser profile of its own, with the link open in it. */
  static async arrive(
    browser: Browser,
    engine: Engine,
    invitation: Invitation,
    arrival: Arrival = {},
  ): Promise<Visitor> {
    const url = arrival.url ?? invitation.url;
    const context = await browser.newContext({ viewport: WINDOW });
    if (engine !== "firefox" && arrival.permitted !== false) {
      await context.grantPermissions(["camera", "microphone"], { origin: new URL(url).origin });
    }
    await watch(context);
    await arrival.prepare?.(context);
    return Visitor.#open(context, invitation.name, url);
  }

  static async #open(context: BrowserContext, name: string, url: string): Promise<Visitor> {
    const page = await context.newPage();
    const visitor = new Visitor(name, page, url);
    await page.goto(url);
    return visitor;
  }

  /** Another tab of the same browser profile with the same link. */
  inAnotherTab(): Promise<Visitor> {
    return Visitor.#open(this.page.context(), this.name, this.#url);
  }

  /** This tab duplicated, as the browser's menu does it: with a copy of its `sessionStorage`. */
  async duplicateTab(): Promise<Visitor> {
    const opened = this.page.context().waitForEvent("page");
    await this.page.evaluate(() => {
      window.open(location.href);
    });
    return new Visitor(this.name, await opened, this.#url);
  }

  /** What the page says it is at: the `data-state` of its `<main>`. */
  async state(): Promise<PageState> {
    const main = this.page.locator("main");
    return (await main.getAttribute("data-state", { timeout: 5_000 })) as PageState;
  }

  async untilState(state: PageState, withinMs = 30_000): Promise<void> {
    await until(
      `${this.name} is at ${state}`,
      async () => {
        const now = await this.state();
        assert.equal(now, state);
        return true;
      },
      withinMs,
    );
  }

  /** Waits until the page shows exactly this text. */
  async untilSees(text: string, withinMs = 30_000): Promise<void> {
    await this.page
      .getByText(text, { exact: true })
      .first()
      .waitFor({ state: "visible", timeout: withinMs });
  }

  async press(button: string): Promise<void> {
    await this.page.getByRole("button", { name: button, exact: true }).click();
  }

  /** Presses Join and waits for a seat. */
  async join(): Promise<void> {
    await this.press("Join");
    await this.untilState("call");
  }

  /** Everybody on the page. */
  tiles(): Promise<Tile[]> {
    return this.page.locator("[data-participant]").evaluateAll((elements) =>
      elements.map((element) => ({
        participant: Number(element.getAttribute("data-participant")),
        slot: element.hasAttribute("data-slot")
          ? Number(element.getAttribute("data-slot"))
          : undefined,
        text: element.textContent ?? "",
      })),
    );
  }

  /** Waits until these words are on the page, among others. */
  async untilMentions(words: string, withinMs = 30_000): Promise<void> {
    await this.page.getByText(words).first().waitFor({ state: "visible", timeout: withinMs });
  }

  /** Waits until the page shows exactly these people, itself among them. */
  async untilWith(names: readonly string[], withinMs = 30_000): Promise<void> {
    await until(
      `${this.name} sees ${names.join(", ")}`,
      async () => {
        const tiles = await this.tiles();
        assert.equal(tiles.length, names.length, `tiles: ${tiles.map(({ text }) => text)}`);
        return names.every((name) => tiles.some(({ text }) => text.includes(name)));
      },
      withinMs,
    );
  }

  /** The slot in which the page receives the person of this name. */
  async slotOf(name: string): Promise<number> {
    const tile = (await this.tiles()).find(({ text }) => text.includes(name));
    assert.ok(tile?.slot !== undefined, `${this.name} has no slot for ${name}`);
    return tile.slot;
  }

  media(): Promise<Slot[] | undefined> {
    return mediaOf(this.page);
  }

  /** Closes the browser profile, as if the machine were switched off. */
  async vanish(): Promise<void> {
    await this.page.context().close();
  }
}

/** Waits until the page says, in the product's own words, that the call is full. */
export async function untilFull(visitor: Visitor): Promise<void> {
  await visitor.untilState("queued");
  await visitor.untilSees(
    "This call is full (4 of 4). We'll let you in as soon as someone leaves.",
  );
}
