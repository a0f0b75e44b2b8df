/** What a story plays on: the real program, real browsers, ways between them. */

import { mkdir, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Browser, BrowserContext } from "playwright-core";
import { type Engine, launch, type Setup } from "./browsers.ts";
import { Program } from "./program.ts";
import { TcpProxy } from "./tcp-proxy.ts";
import { type Arrival, Visitor } from "./visitor.ts";

/** Where pictures and logs go. */
export const OUT = fileURLToPath(new URL("../out/", import.meta.url));

export type Setting = {
  /** How Chromium is set up; `fake` where nothing is said. */
  readonly chromium?: Setup;
  /** Does more to the browser profile of whoever opens the link of this index. */
  readonly prepare?: (context: BrowserContext, index: number) => Promise<void>;
  /** Settings of the program, as environment variables. */
  readonly settings?: Readonly<Record<string, string>>;
  /** What else `homeroom demo` is told. */
  readonly options?: readonly string[];
};

export class Stage {
  readonly program: Program;
  readonly #setting: Setting;
  readonly #browsers = new Map<Engine, Promise<Browser>>();
  readonly #proxies: TcpProxy[] = [];
  readonly #folders: string[] = [];
  readonly #endings: (() => void | Promise<void>)[] = [];

  private constructor(program: Program, setting: Setting) {
    this.program = program;
    this.#setting = setting;
  }

  static async set(setting: Setting = {}): Promise<Stage> {
    // Nearly everybody comes with Chromium: it starts meanwhile.
    const [program, browser] = await Promise.allSettled([
      Program.start(setting.settings, [], ...(setting.options ?? [])),
      launch("chromium", setting.chromium),
    ]);
    if (program.status === "rejected" || browser.status === "rejected") {
      const begun = [program, browser].filter((one) => one.status === "fulfilled");
      await Promise.allSettled(
        begun.map(({ value }) => ("end" in value ? value.end() : value.close())),
      );
      throw [program, browser].find((one) => one.status === "rejected")?.reason;
    }
    const stage = new Stage(program.value, setting);
    stage.#browsers.set("chromium", Promise.resolve(browser.value));
    return stage;
  }

  /** Opens the link of this index in a browser profile of its own. */
  async arrives(index: number, arrival: Arrival = {}, engine: Engine = "chromium") {
    return Visitor.arrive(await this.#browser(engine), engine, this.program.invitation(index), {
      ...arrival,
      prepare: async (context) => {
        await this.#setting.prepare?.(context, index);
        await arrival.prepare?.(context);
      },
    });
  }

  /** Opens these links and presses Join in each, one after another. */
  async seats(indices: readonly number[]): Promise<Visitor[]> {
    const visitors = await Promise.all(indices.map((index) => this.arrives(index)));
    for (const visitor of visitors) {
      await visitor.join();
    }
    return visitors;
  }

  /** A way to the program that the story can cut. */
  async proxy(delayMs = 0): Promise<TcpProxy> {
    const proxy = await TcpProxy.before(this.program.port, delayMs);
    this.#proxies.push(proxy);
    return proxy;
  }

  /** Does this when the story is over, before the program ends. */
  afterwards(ending: () => void | Promise<void>): void {
    this.#endings.push(ending);
  }

  /** Removes this folder when nothing of the story is left that writes there. */
  removes(folder: string): void {
    this.#folders.push(folder);
  }

  #browser(engine: Engine): Promise<Browser> {
    let browser = this.#browsers.get(engine);
    if (browser === undefined) {
      browser = launch(engine, this.#setting.chromium);
      this.#browsers.set(engine, browser);
    }
    return browser;
  }

  /** Keeps a picture of every page, and the program's log. */
  async keep(name: string): Promise<void> {
    const folder = `${OUT}failed/${name.replaceAll(/\W+/g, "-")}/`;
    await mkdir(folder, { recursive: true });
    await writeFile(`${folder}homeroom.log`, this.program.log);
    for (const browser of await Promise.all(this.#browsers.values())) {
      const pages = browser.contexts().flatMap((context) => context.pages());
      for (const [index, page] of pages.entries()) {
        const path = `${folder}${browser.browserType().name()}-${index}.png`;
        // A page that cannot be pictured must not hide why the story failed.
        await page.screenshot({ path, timeout: 5_000 }).catch(() => undefined);
      }
    }
  }

  /** Ends everything the story began. */
  async strike(): Promise<void> {
    const endings = [
      ...this.#endings,
      ...[...this.#browsers.values()].map((browser) => async () => (await browser).close()),
      ...this.#proxies.map((proxy) => () => proxy.close()),
    ];
    const ended = await Promise.allSettled(endings.map(async (ending) => ending()));
    await this.program.end();
    await Promise.all(this.#folders.map((folder) => rm(folder, { recursive: true, force: true })));
    for (const ending of ended) {
      if (ending.status === "rejected") {
        throw ending.reason;
      }
    }
  }
}
