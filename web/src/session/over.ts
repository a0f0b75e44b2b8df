// The end: the session is over, and nothing but a press leads on.

import type { Orders } from "./effect";
import { hangUp, NOT_READY } from "./line";
import { closePeer } from "./repair";
import type { Over, Phase, State } from "./state";

/** Ends everything the session had. */
export function over(state: State, why: Over, orders: Orders): State {
  const ended = closePeer(hangUp(state, orders), orders);
  orders.push({ type: "forget_session" }, { type: "release_media" });
  if (isSeen(state.phase)) {
    orders.push({ type: "announce", what: { type: "over", why } });
  }
  return {
    ...ended,
    phase: { type: "over", why },
    ready: NOT_READY,
    told: null,
    tellAgainAt: null,
  };
}

/** Whether a page was there that changes into the end: the first page of all is read as it stands. */
function isSeen(phase: Phase): boolean {
  return phase.type !== "opening" && phase.type !== "over";
}
