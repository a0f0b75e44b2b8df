/** By which way a page's media goes. */

import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { until } from "./until.ts";

/** The kind of the page's own candidate in use. */
export type Route = {
  /** `udp` or `tcp`, as it reaches the server or the relay's far side. */
  readonly protocol: string;
  /** `host`, `prflx` or `relay`; `host` stands for `prflx` too, which is the same address. */
  readonly type: string;
  /** How the relay is reached, where there is one. */
  readonly relayProtocol: string | null;
};

/** The way in use, once there is one. */
export async function routeOf(page: Page): Promise<Route> {
  const route = await until("a way is in use", () => page.evaluate(routeInUse));
  assert.ok(route);
  return route;
}

/** Runs in the page. */
async function routeInUse(): Promise<Route | null> {
  const peer = window.journey.peers.at(-1);
  const stats = await peer?.connection.getStats();
  const all: Record<string, unknown>[] = [];
  stats?.forEach((entry: Record<string, unknown>) => {
    all.push(entry);
  });
  const transport = all.find(({ type }) => type === "transport");
  const pair = all.find(({ id }) => id === transport?.["selectedCandidatePairId"]);
  const local = all.find(({ id }) => id === pair?.["localCandidateId"]);
  if (local === undefined) {
    return null;
  }
  return {
    protocol: String(local["protocol"]),
    type: String(local["candidateType"]).replace("prflx", "host"),
    relayProtocol: typeof local["relayProtocol"] === "string" ? local["relayProtocol"] : null,
  };
}
