/**
 * A network between a page and the media port, in user space: it loses, delays and narrows what it
 * carries, each way for itself, and may cease to carry anything.
 */

import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import type { AddressInfo } from "node:net";

/** What one way does to datagrams. */
export type Way = {
  /** The share lost, 0 to 1. */
  readonly loss: number;
  readonly delayMs: number;
  /** The most it carries, kbit/s; `null` is no limit. */
  readonly rateKbit: number | null;
};

export const PERFECT: Way = { loss: 0, delayMs: 0, rateKbit: null };

/** How long a datagram may wait for a narrow way; one that would wait longer is lost. */
const LONGEST_WAIT_MS = 300;

/** What a way has carried and lost, datagrams. */
export type Carried = { carried: number; lost: number };

/**
 * The SSRC of a datagram that is RTP (RFC 7983 §7, RFC 5761 §4) and no probe: those are padded, and
 * what is media is not.
 */
function ssrcOf(datagram: Buffer): number | null {
  const [first = 0, second = 0] = datagram;
  const isRtp = datagram.length >= 12 && first >> 6 === 2 && (second < 192 || second > 223);
  const isPadded = (first & 0x20) !== 0;
  return isRtp && !isPadded ? datagram.readUInt32BE(8) : null;
}

export class UdpRelay {
  readonly port: number;
  readonly up: Carried = { carried: 0, lost: 0 };
  readonly down: Carried = { carried: 0, lost: 0 };
  /** What came down of each SSRC, probes left out. */
  readonly streams = new Map<number, Carried>();
  readonly #near: Socket;
  readonly #far = new Map<string, Socket>();
  readonly #mediaPort: number;
  #ways: { readonly up: Way; readonly down: Way } = { up: PERFECT, down: PERFECT };
  #freeAt = { up: 0, down: 0 };
  #chance = 1;
  #carries = true;

  private constructor(near: Socket, mediaPort: number) {
    this.#near = near;
    this.#mediaPort = mediaPort;
    this.port = near.address().port;
  }

  static async before(mediaPort: number): Promise<UdpRelay> {
    const near = createSocket("udp4").bind(0, "127.0.0.1");
    await once(near, "listening");
    const relay = new UdpRelay(near, mediaPort);
    near.on("message", (datagram, page) => {
      const far = relay.#farFor(page);
      relay.#carry("up", datagram, () => far.send(datagram, mediaPort, "127.0.0.1"));
    });
    return relay;
  }

  /** From now on each way does this. */
  become(ways: { readonly up?: Way; readonly down?: Way }): void {
    this.#ways = { ...this.#ways, ...ways };
  }

  /** Carries nothing any more, and says so to nobody. */
  sever(): void {
    this.#carries = false;
  }

  close(): void {
    this.sever();
    this.#near.close();
    for (const far of this.#far.values()) {
      far.close();
    }
  }

  /** The socket that the server takes for the page at this address. */
  #farFor({ address, port }: Pick<AddressInfo, "address" | "port">): Socket {
    const known = this.#far.get(`${address} ${port}`);
    if (known) {
      return known;
    }
    const far = createSocket("udp4");
    far.on("message", (datagram, { port: from }) => {
      if (from === this.#mediaPort) {
        this.#carry("down", datagram, () => this.#near.send(datagram, port, address));
      }
    });
    this.#far.set(`${address} ${port}`, far);
    return far;
  }

  #carry(direction: "up" | "down", datagram: Buffer, send: () => void): void {
    const way = this.#ways[direction];
    const now = performance.now();
    const begins = Math.max(now, this.#freeAt[direction]);
    const takes = way.rateKbit === null ? 0 : (datagram.length * 8) / way.rateKbit;
    const fits = begins - now <= LONGEST_WAIT_MS;
    if (fits) {
      this.#freeAt[direction] = begins + takes;
    }
    const arrives = this.#carries && fits && this.#random() >= way.loss;
    this.#count(direction, datagram, arrives ? "carried" : "lost");
    if (!arrives) {
      return;
    }
    const wait = begins + takes + way.delayMs - now;
    const arrive = () => this.#carries && send();
    if (wait < 1) {
      arrive();
    } else {
      setTimeout(arrive, wait);
    }
  }

  #count(direction: "up" | "down", datagram: Buffer, fate: "carried" | "lost"): void {
    this[direction][fate] += 1;
    const ssrc = direction === "down" ? ssrcOf(datagram) : null;
    if (ssrc !== null) {
      const stream = this.streams.get(ssrc) ?? { carried: 0, lost: 0 };
      stream[fate] += 1;
      this.streams.set(ssrc, stream);
    }
  }

  /** The same chances in every run (mulberry32). */
  #random(): number {
    this.#chance = (this.#chance + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#chance ^ (this.#chance >>> 15), 1 | this.#chance);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  }
}
