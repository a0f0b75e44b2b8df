/** The networks by which one page reaches the media port, one after another. */

import assert from "node:assert/strict";
import type { BrowserContext } from "playwright-core";
import { UdpRelay, type Way } from "./udp-relay.ts";

declare global {
  interface Window {
    wayTo(mediaPort: number): Promise<number>;
  }
}

/** What is particular about a network. */
export type Kind = {
  /** What it does to what the server sends over UDP. */
  readonly down?: Way;
  /** What it does to what the page sends over UDP. */
  readonly up?: Way;
  /** Whether TCP goes straight to the server; otherwise there is none. */
  readonly keepsTcp?: boolean;
};

export class Network {
  readonly #relays: UdpRelay[] = [];
  readonly #kind: Kind;
  #current: UdpRelay | null = null;
  #deadEnds = 0;

  constructor(kind: Kind = {}) {
    this.#kind = kind;
  }

  /** Has the media of all pages of this browser profile go by this network. */
  async carries(context: BrowserContext): Promise<void> {
    await context.exposeBinding("wayTo", (_source, mediaPort: number) => this.#wayTo(mediaPort));
    await context.addInitScript(divert, this.#kind.keepsTcp ?? false);
  }

  /** The relay in use. */
  get relay(): UdpRelay {
    assert.ok(this.#current, "no answer has come yet");
    return this.#current;
  }

  /**
   * The page leaves this network without a word. What it negotiates from now on goes by another one,
   * after so many dead ends.
   */
  leave(deadEnds = 0): void {
    this.relay.sever();
    this.#current = null;
    this.#deadEnds = deadEnds;
  }

  close(): void {
    for (const relay of this.#relays) {
      relay.close();
    }
  }

  async #wayTo(mediaPort: number): Promise<number> {
    if (this.#current === null) {
      const relay = await UdpRelay.before(mediaPort);
      this.#relays.push(relay);
      const { up, down } = this.#kind;
      relay.become({ ...(up && { up }), ...(down && { down }) });
      if (this.#deadEnds > 0) {
        this.#deadEnds -= 1;
        relay.sever();
        return relay.port;
      }
      this.#current = relay;
    }
    return this.#current.port;
  }
}

/** Runs in the page: every answer that it applies names the relay instead of the server. */
function divert(keepsTcp: boolean): void {
  const apply: (this: RTCPeerConnection, description: RTCSessionDescriptionInit) => Promise<void> =
    RTCPeerConnection.prototype.setRemoteDescription;
  RTCPeerConnection.prototype.setRemoteDescription = async function diverted(
    this: RTCPeerConnection,
    { type, sdp = "" }: RTCSessionDescriptionInit,
  ) {
    const candidate = /^(a=candidate:\S+ \d+ )(\w+)( \d+ \S+ )(\d+)(.*)\r\n/gm;
    const mediaPort = [...sdp.matchAll(candidate)].find((found) => found[2] === "udp")?.[4];
    const port = await window.wayTo(Number(mediaPort));
    const diverted = sdp.replace(candidate, (line, head, protocol, address, _port, rest) =>
      protocol === "udp" ? `${head}udp${address}${port}${rest}\r\n` : keepsTcp ? line : "",
    );
    await apply.call(this, { type, sdp: diverted });
  };
}
