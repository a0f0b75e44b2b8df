// The peer connection in use, and what it sends.

import { type ReadonlySignal, signal } from "@preact/signals";
import type { Event } from "../session/event";
import type { RelayAccess } from "../wire/messages";
import { type Kind, Peer } from "./peer";

export class Peers {
  /** The one in use. */
  readonly current: ReadonlySignal<Peer | null>;
  /** Every one there ever was, for the statistics. */
  readonly all: Peer[] = [];
  readonly #current = signal<Peer | null>(null);
  readonly #report: (event: Event) => void;
  readonly #sends = new Map<Kind, MediaStreamTrack | null>();
  #relay: RelayAccess | null = null;
  #isHeldBack = false;

  constructor(report: (event: Event) => void) {
    this.#report = report;
    this.current = this.#current;
  }

  /** Makes an offer, of a new connection in place of the last one where the number is new. */
  offer(id: number, restart: boolean): void {
    const peer = this.#find(id) ?? this.#create(id);
    void peer?.offer(restart);
  }

  /**
   * The session's relay. The first connection is made before there is one, so that joining waits
   * for nothing; where it finds no way, the next one goes by the relay.
   */
  readonly relay = (relay: RelayAccess | null): void => {
    this.#relay = relay;
  };

  get relayInUse(): RelayAccess | null {
    return this.#relay;
  }

  answer(id: number, sdp: string): void {
    void this.#find(id)?.answer(sdp);
  }

  limitLayers(id: number, layers: number): void {
    this.#find(id)?.limitLayers(layers);
  }

  close(id: number): void {
    const peer = this.#find(id);
    if (peer !== null) {
      peer.close();
      this.#current.value = null;
    }
  }

  /** Sends `track` from now on, over this connection and over those that follow. */
  send(kind: Kind, track: MediaStreamTrack | null): void {
    this.#sends.set(kind, track);
    this.#sendAll();
  }

  /** Nothing is sent meanwhile: the connection is there before the seat. */
  holdBack(isHeldBack: boolean): void {
    this.#isHeldBack = isHeldBack;
    this.#sendAll();
  }

  #sendAll(): void {
    this.#current.peek()?.setEarly(this.#isHeldBack);
    for (const [kind, track] of this.#sends) {
      void this.#current.peek()?.send(kind, this.#isHeldBack ? null : track);
    }
  }

  #find(id: number): Peer | null {
    const peer = this.#current.peek();
    return peer?.id === id ? peer : null;
  }

  #create(id: number): Peer | null {
    this.#current.peek()?.close();
    try {
      const peer = new Peer(id, this.#report, this.#relay);
      this.all.push(peer);
      this.#current.value = peer;
      this.#sendAll();
      return peer;
    } catch {
      this.#current.value = null;
      this.#report({ type: "offer_failed", peer: id });
      return null;
    }
  }
}
