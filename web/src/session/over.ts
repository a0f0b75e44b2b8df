// The end: the session is over, and nothing but a press leads on.

import type { Orders } from "./effect";
import { hangUp } from "./line";
import { closePeer } from "./repair";
import type { Over, State } from "./state";

/** Ends everything the session had. */
export function over(state: State, why: Over, orders: Orders): State {
  const ended = closePeer(hangUp(state, orders), orders);
  orders.push({ type: "forget_session" }, { type: "release_media" });
  return { ...ended, phase: { type: "over", why }, told: null, tellAgainAt: null };
}
