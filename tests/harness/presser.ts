/** Somebody who presses Join again and again, and leaves. */

import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import type { Invitation } from "./program.ts";
import { askTicket, NOTHING_SENT, ProtocolClient } from "./protocol-client.ts";
import { anOffer } from "./raw-guest.ts";
import { until } from "./until.ts";

/** So many presses are half a second apart, and later ones two seconds: nobody joins by one link some 200 times in a row. */
const OFTEN = 500;

/** Presses Join again and again by links of a call that nobody is in otherwise, and leaves. */
export class Presser {
  readonly found: { readonly at: number; readonly took: number; readonly status: number }[] = [];
  readonly #links: readonly Invitation[];
  readonly #ended: Promise<void>;
  #ends = false;

  constructor(links: readonly Invitation[]) {
    this.#links = links;
    this.#ended = this.#press();
  }

  async end(): Promise<void> {
    this.#ends = true;
    await this.#ended;
  }

  /** Whether the newest press that began after `at` was let in. */
  isLetIn(at: number): boolean {
    return this.found.findLast((press) => press.at > at)?.status === 200;
  }

  async #press(): Promise<void> {
    const offer = await anOffer();
    for (let number = 0; !this.#ends; number += 1) {
      const link = this.#links[number % this.#links.length];
      assert.ok(link, "there is a spare call");
      const at = Date.now();
      const status = await joinOnce(link, offer);
      this.found.push({ at, took: Date.now() - at, status });
      await pause(number < OFTEN ? 500 : 2_000);
    }
  }
}

/** How a press was answered: 200 where it has a seat, else the status; 0 where nothing was said. */
async function joinOnce(link: Invitation, offer: string): Promise<number> {
  try {
    const granted = await askTicket(link);
    if (granted.status !== 200) {
      await granted.text();
      return granted.status;
    }
    const { ticket } = (await granted.json()) as { ticket: string };
    const client = await ProtocolClient.connect(link);
    client.say({ type: "join", ticket, offer, sends: NOTHING_SENT });
    try {
      await until(
        "it is answered",
        () => client.last("joined") ?? client.last("queued") ?? client.closed,
        10_000,
      );
      const isIn = client.last("joined") ?? client.last("queued");
      client.say({ type: "leave" });
      // The code of a refusal at the socket: 4xxx.
      return isIn ? 200 : (client.closed?.code ?? 0);
    } finally {
      client.close();
    }
  } catch {
    return 0;
  }
}
