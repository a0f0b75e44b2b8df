// The peer connection: prepared early, repaired when it breaks. First signaling must prove that it
// lives, then ICE is restarted, and where that does not help a fresh peer connection takes over.

import type { Orders } from "./effect";
import { ping, say } from "./line";
import { isOnHold, type Peer, type PeerHealth, type Repair, type State } from "./state";

/** How long a restart, and a fresh peer connection, may take to connect. */
export const RESTART_MS = 5_000;
const FRESH_MS = 15_000;
/**
 * How long the connection that was prepared before Join may take: it knows of no relay, and where
 * there is no other way, the fresh one that follows it finds one.
 */
const PREPARED_MS = 5_000;
/** When to offer again to a server that was too busy. */
const BUSY_MS = 2_000;

/** Orders a new peer connection and its offer, in place of any before it. */
export function preparePeer(state: State, repair: Repair, orders: Orders): State {
  const id = state.peers + 1;
  orders.push({ type: "make_offer", peer: id, restart: false });
  const peer: Peer = { id, offer: null, answered: false, health: "new", repair };
  return { ...state, peers: id, peer };
}

/** A peer connection that has not been used yet, or that can still be answered. */
export function ensurePeer(state: State, orders: Orders): State {
  const { peer } = state;
  const usable = peer !== null && !peer.answered && peer.health !== "failed";
  return usable ? state : preparePeer(state, { type: "none" }, orders);
}

/** Ends the peer connection, where there is one. */
export function closePeer(state: State, orders: Orders): State {
  if (state.peer !== null) {
    orders.push({ type: "close_peer", peer: state.peer.id });
  }
  return { ...state, peer: null };
}

/** The answer to the offer last sent. */
export function applyAnswer(state: State, answer: string, now: number, orders: Orders): State {
  const { peer } = state;
  if (peer === null) {
    return state;
  }
  orders.push({ type: "apply_answer", peer: peer.id, answer });
  return { ...state, peer: { ...peer, answered: true, repair: afterAnswer(peer, now) } };
}

function afterAnswer({ health, repair }: Peer, now: number): Repair {
  if (health === "connected") {
    return { type: "none" };
  }
  return repair.type === "asking"
    ? { type: "checking", how: repair.how, until: repair.until }
    : { type: "checking", how: "fresh", until: now + PREPARED_MS };
}

/** The browser reports how the peer connection does. */
export function peerChanged(state: State, health: PeerHealth, now: number, orders: Orders): State {
  const { peer } = state;
  if (peer === null) {
    return state;
  }
  const next = { ...state, peer: { ...peer, health } };
  return look(next, now, orders);
}

/** Begins a repair where the peer connection needs one and none is under way. */
export function look(state: State, now: number, orders: Orders): State {
  const { peer } = state;
  if (peer === null || !peer.answered || isOnHold(state)) {
    return state;
  }
  switch (peer.health) {
    case "connected":
      // It may recover while an offer is under way; the answer to that must still be applied.
      return peer.repair.type === "offering" || peer.repair.type === "asking"
        ? state
        : withRepair(state, { type: "none" });
    case "disconnected":
      // A restart in vain costs next to nothing: the old path serves until the new one does.
      return peer.repair.type === "none" ? prove(state, now, orders) : state;
    case "failed":
      return peer.repair.type === "none"
        ? prove(state, now, orders)
        : failedDuringRepair(state, now, orders);
    case "new":
    case "connecting":
      return state;
  }
}

function failedDuringRepair(state: State, now: number, orders: Orders): State {
  // A restart begins from `failed`, so only a fresh connection that fails says something new.
  const repair = state.peer?.repair;
  return repair?.type === "checking" && repair.how === "fresh" ? prove(state, now, orders) : state;
}

/** Asks signaling for a sign of life; the restart follows on it. */
function prove(state: State, now: number, orders: Orders): State {
  if (state.phase.type !== "call" || state.line.type !== "live") {
    return withRepair(state, { type: "none" });
  }
  const pinged = ping(state, now, true, orders);
  const n = pinged.line.type === "live" ? pinged.line.beat.n : 0;
  return withRepair(pinged, { type: "proving", n });
}

/** Signaling has just proved that it lives. */
export function proved(state: State, n: number, now: number, orders: Orders): State {
  const repair = state.peer?.repair;
  return repair?.type === "proving" && n >= repair.n ? restart(state, now, orders) : state;
}

function restart(state: State, now: number, orders: Orders): State {
  const { peer } = state;
  if (peer === null) {
    return state;
  }
  orders.push({ type: "make_offer", peer: peer.id, restart: true });
  const repair: Repair = { type: "offering", how: "restart", until: now + RESTART_MS };
  return { ...state, peer: { ...peer, offer: null, repair } };
}

function renew(state: State, now: number, orders: Orders): State {
  return preparePeer(state, { type: "offering", how: "fresh", until: now + FRESH_MS }, orders);
}

/** An offer is ready; where a repair waits for it, it goes out. */
export function offerMade(state: State, offer: string, orders: Orders): State {
  const { peer } = state;
  if (peer === null) {
    return state;
  }
  const next = { ...state, peer: { ...peer, offer } };
  const { repair } = peer;
  if (repair.type !== "offering" || state.line.type !== "live" || isOnHold(state)) {
    return next;
  }
  say(state, { type: "offer", offer }, orders);
  return withRepair(next, { type: "asking", how: repair.how, until: repair.until });
}

/** Whether the server has just refused the offer of a fresh connection: it can use none of ours. */
export function isHopeless(state: State): boolean {
  const repair = state.peer?.repair;
  return repair?.type === "asking" && repair.how === "fresh";
}

/** The offer of a restart was refused: a fresh connection takes over. */
export function restartRefused(state: State, now: number, orders: Orders): State {
  return state.peer?.repair.type === "asking" ? renew(state, now, orders) : state;
}

/** The connection has ended at the server: a fresh one takes over, where none is on its way. */
export function connectionGone(state: State, now: number, orders: Orders): State {
  const repair = state.peer?.repair;
  const isOnItsWay =
    (repair?.type === "offering" || repair?.type === "asking") && repair.how === "fresh";
  return state.phase.type !== "call" || isOnItsWay ? state : renew(state, now, orders);
}

/** The server was too busy for an offer: another one follows soon. */
export function offerDropped(state: State, now: number): State {
  const repair = state.peer?.repair;
  return repair?.type === "asking"
    ? withRepair(state, { ...repair, until: Math.min(repair.until, now + BUSY_MS) })
    : state;
}

/** The session was confirmed: sees to the peer connection as it is now, or to another. */
export function afterJoined(state: State, now: number, orders: Orders): State {
  const { peer } = state;
  if (isOnHold(state)) {
    return state;
  }
  if (peer === null || !peer.answered) {
    return renew(state, now, orders);
  }
  // The confirmation is itself the proof that signaling lives.
  const broken = peer.health === "failed" || peer.health === "disconnected";
  return broken && peer.repair.type === "none"
    ? restart(state, now, orders)
    : look(state, now, orders);
}

/** The moment at which the repair wants to be looked at. */
export function repairWake(peer: Peer | null): number | null {
  const repair = peer?.repair;
  return repair === undefined || repair.type === "none" || repair.type === "proving"
    ? null
    : repair.until;
}

/** Does what is due on the repair. */
export function tendRepair(state: State, now: number, orders: Orders): State {
  const { peer } = state;
  const wake = repairWake(peer);
  if (peer === null || wake === null || now < wake || isOnHold(state)) {
    return state;
  }
  return peer.health === "connected"
    ? withRepair(state, { type: "none" })
    : renew(state, now, orders);
}

export function withRepair(state: State, repair: Repair): State {
  return state.peer === null ? state : { ...state, peer: { ...state.peer, repair } };
}
