/**
 * How long the join page takes on a poor line and on a slow telephone: from the link to the button. The
 * line is the browser's own: 400 kbit/s and 400 ms of round trip; the processor four times slower.
 */

import { parseArgs } from "node:util";
import type { Page } from "playwright-core";
import { Stage } from "../harness/stage.ts";
import { summary } from "./summary.ts";

const { values } = parseArgs({
  options: { json: { type: "boolean", default: false }, rounds: { type: "string", default: "5" } },
});

const POOR_LINE = { latency: 400, downloadThroughput: 50_000, uploadThroughput: 50_000 };

type Bounds = { readonly line?: typeof POOR_LINE; readonly slower?: number };

/** From the beginning of the navigation until Join can be pressed. */
async function loads(page: Page, url: string, { line, slower }: Bounds): Promise<number> {
  const browser = await page.context().newCDPSession(page);
  await browser.send("Network.enable");
  if (line !== undefined) {
    await browser.send("Network.emulateNetworkConditions", { offline: false, ...line });
  }
  if (slower !== undefined) {
    await browser.send("Emulation.setCPUThrottlingRate", { rate: slower });
  }
  await page.addInitScript(() => {
    const look = () => {
      if (document.querySelector("main[data-state=join] button.primary")) {
        performance.mark("can-join");
        seen.disconnect();
      }
    };
    const seen = new MutationObserver(look);
    seen.observe(document, { subtree: true, childList: true });
  });
  await page.goto(url, { waitUntil: "commit", timeout: 60_000 });
  const mark = () => performance.getEntriesByName("can-join").length > 0;
  await page.waitForFunction(mark, null, { timeout: 60_000 });
  return page.evaluate(() => performance.getEntriesByName("can-join")[0]?.startTime ?? 0);
}

const CASES: Readonly<Record<string, Bounds>> = {
  loopback: {},
  "400 kbit/s": { line: POOR_LINE },
  "4 times slower": { slower: 4 },
};

const took = new Map<string, number[]>();
const stage = await Stage.set();
try {
  for (let done = 0; done < Number(values.rounds); done += 1) {
    for (const [name, bounds] of Object.entries(CASES)) {
      const visitor = await stage.arrives(0, { url: "about:blank", permitted: false });
      const ms = await loads(visitor.page, stage.program.invitation(0).url, bounds);
      took.set(name, [...(took.get(name) ?? []), ms]);
      await visitor.vanish();
    }
  }
} finally {
  await stage.strike();
}
const figures = Object.fromEntries([...took].map(([name, each]) => [name, summary(each)]));
if (values.json) {
  console.log(JSON.stringify(figures));
} else {
  console.table(figures);
}
