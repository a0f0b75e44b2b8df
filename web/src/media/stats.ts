// What flows, in numbers: for tests and for the person who looks for a fault.

import { KINDS, type Kind, SLOTS } from "./peer";
import type { Peers } from "./peers";

export type Received = {
  packetsReceived: number;
  framesDecoded: number;
  jitterBufferEmittedCount: number;
};
export type Sent = { packetsSent: number; framesEncoded: number };

export type Statistics = {
  /** How many peer connections this page has made, and how many offers each. */
  peerConnections: number;
  offers: number[];
  /** By slot, what is received of each kind. */
  slots: Record<Kind, Received>[];
  sent: Record<Kind, Sent>;
};

export async function statistics(peers: Peers): Promise<Statistics> {
  const slots = Array.from({ length: SLOTS }, () => byKind(nothingReceived));
  const sent = byKind(nothingSent);
  for (const { mLine, entry } of (await peers.current.peek()?.statistics()) ?? []) {
    if (mLine !== null) {
      const kind = KINDS[mLine % KINDS.length] ?? "audio";
      const slot = slots[Math.floor(mLine / KINDS.length) - 1];
      count(entry, slot === undefined ? { sent: sent[kind] } : { received: slot[kind] });
    }
  }
  const offers = peers.all.map((peer) => peer.offers);
  return { peerConnections: peers.all.length, offers, slots, sent };
}

function count(entry: RTCStats, into: { sent: Sent } | { received: Received }): void {
  if (entry.type === "inbound-rtp" && "received" in into) {
    copy(entry, into.received);
  } else if (entry.type === "outbound-rtp" && "sent" in into) {
    copy(entry, into.sent);
  }
}

function byKind<T>(make: () => T): Record<Kind, T> {
  return { audio: make(), camera: make(), screen: make() };
}

function nothingReceived(): Received {
  return { packetsReceived: 0, framesDecoded: 0, jitterBufferEmittedCount: 0 };
}

function nothingSent(): Sent {
  return { packetsSent: 0, framesEncoded: 0 };
}

function copy(entry: object, into: Record<string, number>): void {
  const fields = entry as Readonly<Record<string, unknown>>;
  for (const name of Object.keys(into)) {
    const value = fields[name];
    if (typeof value === "number") {
      into[name] = value;
    }
  }
}
