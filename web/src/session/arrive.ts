// Before Join: the link is looked up, an offer is prepared, and nothing admits anybody.

import type { LinkView, ProblemCode } from "../wire/messages";
import { delay } from "./backoff";
import type { Orders } from "./effect";
import type { Event, Refusal } from "./event";
import { goOnWhereOpen } from "./go-on";
import { dial, hangUp } from "./line";
import { over } from "./over";
import { joinableNow, schoolThere } from "./people";
import { ensurePeer } from "./repair";
import { type JoinNotice, type LookTrouble, mayGoHome, type Over, type State } from "./state";

/**
 * The page was opened: goes on with a kept session, where there is one. Whether that lives is not
 * known yet, so nothing is turned on. The link is looked up in any case, so that whatever page comes
 * next is the same as without a reload.
 */
export function opened(
  state: State,
  { kept, meeting, written = [] }: Extract<Event, { type: "opened" }>,
  now: number,
  orders: Orders,
): State {
  const prepared = ensurePeer({ ...state, meeting: meeting ?? null }, orders);
  if (kept === null) {
    orders.push({ type: "look_up_link" });
    return prepared;
  }
  orders.push({ type: "expect_media" });
  const dialled = dial(
    { ...prepared, phase: { type: "resuming", held: kept, written } },
    now,
    orders,
  );
  orders.push({ type: "look_up_link" });
  return dialled;
}

/** Back to the join page, with a peer connection nobody has used. */
export function toJoin(state: State, notice: JoinNotice | null, orders: Orders): State {
  const quiet = ensurePeer(hangUp(state, orders), orders);
  if (state.view !== null) {
    return { ...quiet, phase: { type: "join", notice } };
  }
  orders.push({ type: "look_up_link" });
  return {
    ...quiet,
    phase: { type: "opening", notice, tries: 0, trouble: null, until: null },
  };
}

/** Back to the join page from a session that is gone; who uses the link is asked anew. */
export function toJoinAnew(state: State, notice: JoinNotice | null, orders: Orders): State {
  return toJoinAsKnown({ ...state, view: null }, notice, orders);
}

/** The same with what is known of the link, where the server could say nothing of it just now. */
export function toJoinAsKnown(state: State, notice: JoinNotice | null, orders: Orders): State {
  orders.push({ type: "forget_session" }, { type: "release_media" });
  return toJoin({ ...state, told: null, tellAgainAt: null }, notice, orders);
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
    // In a call it is the socket that says what becomes of the session.
    if (event.type !== "link_told") {
      return state;
    }
    const told = { ...state, view: event.view };
    // Why a call was ended for everybody stands there to be read; that a visit has ended says less.
    const mayGo = phase.type === "over" && phase.why !== "stopped" && mayGoHome(phase.why);
    return mayGo && isOutOfCall(event.view) ? toJoin(told, null, orders) : told;
  }
  switch (event.type) {
    case "link_told":
      return told(state, event.view, orders);
    case "link_refused":
      return refused(state, event.problem, now, orders);
    case "link_unreachable":
      return lookLater(state, "unreachable", 0, now);
  }
}

/** Whether it is a caller's of a waiting area who waits again, or whose visit has ended with a word. */
function isOutOfCall({ area }: LinkView): boolean {
  const stage = area?.visit?.stage;
  return stage === "waiting" || stage === "ended" || stage === "left";
}

function told(state: State, view: LinkView, orders: Orders): State {
  const { phase } = state;
  if (phase.type === "opening") {
    const notice = isHere(state, view) ? null : phase.notice;
    return goOnWhereOpen({ ...state, view, phase: { type: "join", notice } }, orders);
  }
  const joinable = joinableNow(state.view?.appointments ?? [], view.appointments);
  for (const what of [...joinable, ...schoolThere(state.view, view)]) {
    orders.push({ type: "announce", what });
  }
  const isEarly = phase.type === "join" && phase.notice?.type === "too_early";
  const next: State =
    isEarly && joinable.length > 0
      ? { ...state, view, phase: { ...phase, notice: null } }
      : { ...state, view };
  return goOnWhereOpen(next, orders);
}

/** Whether it was said to be gone that can be joined as before. */
function isHere({ phase, meeting }: State, view: LinkView): boolean {
  return (
    phase.type === "opening" &&
    phase.notice?.type === "not_here" &&
    view.appointments.some((one) => one.joinable && one.meeting === (meeting ?? one.meeting))
  );
}

function refused(
  state: State,
  { code, retryAfterMs }: Refusal,
  now: number,
  orders: Orders,
): State {
  const why = whyDead(state, code);
  if (why !== null) {
    return over(state, why, orders);
  }
  const trouble = code === "too_many" ? code : "unavailable";
  return lookLater(state, trouble, retryAfterMs, now);
}

/** What a refusal says of the link itself; `null` where it says nothing of it. */
export function whyDead({ view }: State, code: ProblemCode): Over | null {
  switch (code) {
    case "link_withdrawn":
      return "withdrawn";
    case "evening_over":
    case "visit_over":
      return code;
    case "no_such_link":
      // It worked a moment ago: it has not been typed wrongly.
      return view === null ? "no_such_link" : "withdrawn";
    case "bad_request":
      return view === null ? "no_such_link" : null;
    default:
      return null;
  }
}

/** The least time until the next look after an answer that refused. */
const LOOK_AGAIN_MS = 1000;

function lookLater(state: State, trouble: LookTrouble, retryAfterMs: number, now: number): State {
  const { phase } = state;
  if (phase.type !== "opening") {
    return state;
  }
  const leastMs = trouble === "unreachable" ? 0 : Math.max(retryAfterMs, LOOK_AGAIN_MS);
  const wait = delay(phase.tries + 1, state.seed);
  const until = now + Math.max(wait.ms, leastMs);
  const tries = phase.tries + 1;
  return { ...state, seed: wait.seed, phase: { ...phase, tries, trouble, until } };
}

/** The person looks at the page again: who uses the link may have changed, and time has passed. */
export function cameBack(state: State, orders: Orders): State {
  const { phase, view } = state;
  const visits = view?.area?.visit !== undefined;
  if (phase.type === "join" || (phase.type === "over" && mayGoHome(phase.why) && visits)) {
    orders.push({ type: "look_up_link" });
    return state;
  }
  return lookNow(state, orders);
}

/** The link is dead. In a call the socket says so, with the last word. */
export function linkEnded(state: State, why: "withdrawn" | "evening_over", orders: Orders): State {
  switch (state.phase.type) {
    case "opening":
    case "join":
    case "joining":
      return over(state, why, orders);
    case "over":
      return mayGoHome(state.phase.why) ? over(state, why, orders) : state;
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
