/** People of one call who press Join again and again, and leave. */

import { setTimeout as pause } from "node:timers/promises";
import type { Invitation } from "./program.ts";
import { askTicket, NOTHING_SENT, ProtocolClient } from "./protocol-client.ts";
import { anOffer } from "./raw-guest.ts";
import { until } from "./until.ts";

/** So many times it is half a second later, and then five: nobody joins by one link some 200 times in a row. */
const OFTEN = 100;

/** How long after the one before the next of them presses: while that one is not answered yet where anything is slow. */
const NEXT_MS = 100;

/**
 * Who have the links of a call that nobody is in otherwise press Join, one shortly after the other, and leave; again and again.
 */
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
      await Promise.all(
        this.#links.map(async (link, place) => {
          await pause(place * NEXT_MS);
          const at = Date.now();
          const status = await joinOnce(link, offer);
          this.found.push({ at, took: Date.now() - at, status });
        }),
      );
      await pause(number < OFTEN ? 500 : 5_000);
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
