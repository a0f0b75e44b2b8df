// Before Join: the link is looked up, an offer is prepared, and nothing admits anybody.

import { delay } from "./backoff";
import type { Orders } from "./effect";
import type { Event } from "./event";
import { dial, hangUp } from "./line";
import { over } from "./over";
import { ensurePeer } from "./repair";
import { type Held, type JoinNotice, mayPress, type State } from "./state";

/** The page was opened: goes on with a kept session, or looks up the link. */
export function opened(state: State, kept: Held | null, now: number, orders: Orders): State {
  const prepared = ensurePeer(state, orders);
  if (kept === null) {
    orders.push({ type: "look_up_link" });
    return prepared;
  }
  orders.push({ type: "take_media", asBefore: true });
  return dial({ ...prepared, phase: { type: "resuming", held: kept } }, now, orders);
}

/** Back to the join page, with a peer connection nobody has used. */
export function toJoin(state: State, notice: JoinNotice | null, orders: Orders): State {
  const quiet = ensurePeer(hangUp(state, orders), orders);
  if (state.view !== null) {
    return { ...quiet, phase: { type: "join", notice } };
  }
  orders.push({ type: "look_up_link" });
  return { ...quiet, phase: { type: "opening", notice, tries: 0, until: null } };
}

/** Back to the join page from a session that is gone; who uses the link is asked anew. */
export function toJoinAnew(state: State, notice: JoinNotice, orders: Orders): State {
  orders.push({ type: "forget_session" });
  return toJoin({ ...state, view: null, told: null, tellAgainAt: null }, notice, orders);
}

/** An answer about the link came. */
export function linkHeard(
  state: State,
  event: Extract<Event, { type: "link_told" | "link_refused" | "link_unreachable" }>,
  now: number,
  orders: Orders,
): State {
  const { phase } = state;
  if (phase.type !== "opening" && phase.type !== "join") {
    return state;
  }
  switch (event.type) {
    case "link_told": {
      const told: State = { ...state, view: event.view };
      return phase.type === "join"
        ? told
        : { ...told, phase: { type: "join", notice: phase.notice } };
    }
    case "link_refused":
      if (event.problem.code === "no_such_link" || event.problem.code === "bad_request") {
        // It worked a moment ago: it has not been typed wrongly.
        return over(state, state.view === null ? "no_such_link" : "withdrawn", orders);
      }
      return lookLater(state, Math.max(event.problem.retryAfterMs, 1000), now);
    case "link_unreachable":
      return lookLater(state, 0, now);
  }
}

function lookLater(state: State, leastMs: number, now: number): State {
  const { phase } = state;
  if (phase.type !== "opening") {
    return state;
  }
  const wait = delay(phase.tries + 1, state.seed);
  const until = now + Math.max(wait.ms, leastMs);
  return { ...state, seed: wait.seed, phase: { ...phase, tries: phase.tries + 1, until } };
}

/** The person looks at the page again: who uses the link may have changed. */
export function cameBack(state: State, orders: Orders): State {
  if (state.phase.type === "join") {
    orders.push({ type: "look_up_link" });
  }
  return state;
}

/** The link is dead. In a call the socket says so, with the last word. */
export function linkWithdrawn(state: State, orders: Orders): State {
  switch (state.phase.type) {
    case "opening":
    case "join":
    case "joining":
      return over(state, "withdrawn", orders);
    case "over":
      return mayPress(state.phase.why) ? over(state, "withdrawn", orders) : state;
    case "resuming":
    case "queued":
    case "call":
      return state;
  }
}

/** Looks the link up at once, where that was put off. */
export function lookNow(state: State, orders: Orders): State {
  const { phase } = state;
  if (phase.type !== "opening" || phase.until === null) {
    return state;
  }
  orders.push({ type: "look_up_link" });
  return { ...state, phase: { ...phase, until: null } };
}
