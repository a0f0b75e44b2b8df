/**
 * What the join page weighs, and how long it takes on a slow telephone and on a poor line: from the link
 * to the button. The line is the browser's own, 400 kbit/s and 400 ms of round trip; the processor is
 * four times slower. Medians of the rounds.
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

/** From the beginning of the navigation until Join can be pressed, and the bytes of script till then. */
async function loads(page: Page, url: string, { line, slower }: Bounds) {
  const browser = await page.context().newCDPSession(page);
  await browser.send("Network.enable");
  if (line !== undefined) {
    await browser.send("Network.emulateNetworkConditions", { offline: false, ...line });
  }
  if (slower !== undefined) {
    await browser.send("Emulation.setCPUThrottlingRate", { rate: slower });
  }
  const scripts = new Set<string>();
  let bytes = 0;
  browser.on("Network.responseReceived", ({ requestId, type, response }) => {
    if (type === "Script") {
      scripts.add(requestId);
      if (response.headers["content-encoding"] !== "br") {
        throw new Error(`${response.url} came as ${response.headers["content-encoding"]}`);
      }
    }
  });
  browser.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
    bytes += scripts.has(requestId) ? encodedDataLength : 0;
  });
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
  const ms = await page.evaluate(() => performance.getEntriesByName("can-join")[0]?.startTime ?? 0);
  return { ms, bytes };
}

const CASES = {
  loopback: {},
  slow: { slower: 4 },
  poor: { line: POOR_LINE },
} satisfies Readonly<Record<string, Bounds>>;

const took: Record<keyof typeof CASES, number[]> = { loopback: [], slow: [], poor: [] };
/** On the poor line what comes after the button is seen to come after it. */
const weighed: number[] = [];
const stage = await Stage.set();
try {
  for (let done = 0; done < Number(values.rounds); done += 1) {
    for (const name of ["loopback", "slow", "poor"] as const) {
      const visitor = await stage.arrives(0, { url: "about:blank", permitted: false });
      const { ms, bytes } = await loads(visitor.page, stage.program.invitation(0).url, CASES[name]);
      took[name].push(ms);
      if (name === "poor") {
        weighed.push(bytes / 1024);
      }
      await visitor.vanish();
    }
  }
} finally {
  await stage.strike();
}
const figures = {
  javascript_kb: Math.round(Math.max(...weighed) * 10) / 10,
  interactive_ms: summary(took.slow).median_ms,
  slow_line_ms: summary(took.poor).median_ms,
};
if (values.json) {
  console.log(JSON.stringify(figures));
} else {
  console.table({ ...figures, loopback_ms: summary(took.loopback).median_ms });
}
