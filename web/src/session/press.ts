// What a press does: Join and its ticket, giving up, and leaving.

import { GROUND_RULES } from "../wire/limits";
import { toJoin, whyDead } from "./arrive";
import type { Orders } from "./effect";
import type { Event, Refusal } from "./event";
import { ANSWER_MS, greet } from "./greet";
import { dial, greetedAnew, NOT_READY, redial, say } from "./line";
import { over } from "./over";
import { isReadyFor, letGo } from "./ready";
import { ensurePeer, RESTART_MS, withRepair } from "./repair";
import { type JoinNotice, mayGoHome, mayPress, type Phase, type State } from "./state";

/** How long to wait where a refusal names no time. */
const WAIT_MS = 10_000;

/**
 * A press on Join: the only way to a new session. "Join again" is for the appointment of before. The ground
 * rules that stand beside Join are accepted by it; where these are newer than the page, they are shown first.
 */
export function pressed(
  state: State,
  { attempt, meeting }: Extract<Event, { type: "pressed" }>,
  now: number,
  orders: Orders,
): State {
  if (!isPressable(state.phase, now)) {
    return state;
  }
  const rules = state.phase.type === "join" ? (state.view?.rules ?? null) : null;
  if (rules !== null && rules !== GROUND_RULES) {
    orders.push({ type: "load_anew" });
    return state;
  }
  const press = { attempt, meeting: meeting ?? state.meeting, accepts: rules };
  return join({ ...state, goesOn: null }, press, now, orders);
}

/** Goes on to the next appointment, where the person has not done something else meanwhile. */
export function goesOn(
  state: State,
  { attempt, meeting }: Extract<Event, { type: "goes_on" }>,
  now: number,
  orders: Orders,
): State {
  const { phase } = state;
  const waits = phase.type === "join" || (phase.type === "over" && phase.why === "time_up");
  // Nobody presses, and nobody accepts anything.
  const press = { attempt, meeting, accepts: null };
  return waits && state.goesOn === meeting ? join(state, press, now, orders) : state;
}

/** What is joined by a press. */
type Press = {
  readonly attempt: string;
  readonly meeting: string | null;
  readonly accepts: number | null;
};

function join(state: State, press: Press, now: number, orders: Orders): State {
  const { attempt, meeting, accepts } = press;
  orders.push({ type: "mark", name: "join-pressed" });
  if (isReadyFor(state, meeting)) {
    return enter(state, press, now, orders);
  }
  const joining: State = {
    ...letGo(state, orders),
    phase: { type: "joining", attempt, ticket: { type: "needed" }, accepts },
    meeting,
    told: null,
  };
  const dialled = dial(ensurePeer(joining, orders), now, orders);
  orders.push({ type: "take_media" });
  return dialled;
}

/** Everything is ready: the press is one message. */
function enter(state: State, { meeting, accepts }: Press, now: number, orders: Orders): State {
  const { ready, sends } = state;
  if (ready.type !== "done") {
    return state;
  }
  say(
    state,
    { type: "enter", sends, ...(accepts === null ? {} : { accepts_rules: accepts }) },
    orders,
  );
  orders.push({ type: "take_media", yields: true });
  const { attempt } = ready;
  const phase = { type: "joining", attempt, ticket: { type: "needed" }, accepts } as const;
  const entering = { ...state, phase, meeting, ready: NOT_READY, told: sends };
  // Where it is not fit for the call any more, that is refused as the offer of a restart would be.
  const asking = { type: "asking", how: "restart", until: now + RESTART_MS } as const;
  return greetedAnew(withRepair(entering, asking), now + ANSWER_MS);
}

function isPressable(phase: Phase, now: number): boolean {
  switch (phase.type) {
    case "join":
      return phase.notice?.type !== "wait" || now >= phase.notice.until;
    case "over":
      return mayPress(phase.why);
    case "opening":
    case "joining":
    case "resuming":
    case "queued":
    case "call":
      return false;
  }
}

/** Leaves the end for where Join is; it admits nobody. */
export function homePressed(state: State, orders: Orders): State {
  return state.phase.type === "over" && mayGoHome(state.phase.why)
    ? toJoin({ ...state, view: null, goesOn: null }, null, orders)
    : state;
}

/** Gives up joining, back to the join page. */
export function cancelled(state: State, orders: Orders): State {
  if (state.phase.type !== "joining") {
    return state;
  }
  sayGreeted(state, orders);
  return toJoin({ ...state, goesOn: null }, null, orders);
}

/** A greeting may just have been answered, so the seat is given back. */
function sayGreeted(state: State, orders: Orders): void {
  if (state.line.type === "greeted") {
    orders.push({ type: "send", socket: state.line.socket, message: { type: "leave" } });
  }
}

/** Gives up the seat, or the place in the queue. */
export function leave(state: State, orders: Orders): State {
  switch (state.phase.type) {
    case "queued":
    case "call":
      say(state, { type: "leave" }, orders);
      return over(state, state.phase.type === "call" ? "left" : "stopped_waiting", orders);
    case "resuming":
      sayGreeted(state, orders);
      return over(state, "left", orders);
    case "opening":
    case "join":
    case "joining":
    case "over":
      return state;
  }
}

/** An answer about the ticket came. */
export function ticketHeard(
  state: State,
  event: Extract<Event, { type: "ticket_granted" | "ticket_refused" | "ticket_unreachable" }>,
  now: number,
  orders: Orders,
): State {
  const { phase } = state;
  const awaited =
    phase.type === "joining" && phase.ticket.type === "asked" && phase.ticket.ask === event.ask;
  if (!awaited) {
    return state;
  }
  switch (event.type) {
    case "ticket_granted": {
      const ticket = { type: "held", ticket: event.ticket } as const;
      return greet({ ...state, phase: { ...phase, ticket } }, now, orders);
    }
    case "ticket_refused":
      return ticketRefused(state, event.problem, now, orders);
    case "ticket_unreachable": {
      const needed = { ...phase, ticket: { type: "needed" } } as const;
      return redial({ ...state, phase: needed }, now, orders);
    }
  }
}

function ticketRefused(state: State, problem: Refusal, now: number, orders: Orders): State {
  const until = now + (problem.retryAfterMs > 0 ? problem.retryAfterMs : WAIT_MS);
  const dead = whyDead(state, problem.code);
  if (state.goesOn !== null) {
    // Nobody has pressed anything here.
    orders.push({ type: "release_media" });
  }
  if (dead !== null) {
    return over(state, dead, orders);
  }
  switch (problem.code) {
    case "call_stopped":
      return over(state, "stopped", orders);
    case "too_early":
      // Whoever goes on by itself waits, with nothing turned on, until it can be joined.
      return toJoinTold(state, { type: "too_early" }, orders);
    case "over":
      return toJoinTold({ ...state, goesOn: null }, { type: "too_late" }, orders);
    case "not_found":
      return toJoinTold({ ...state, goesOn: null }, { type: "not_here" }, orders);
    case "rules_not_accepted":
      return toJoinTold({ ...state, goesOn: null }, { type: "rules" }, orders);
    case "too_many":
      return toJoin(state, { type: "wait", why: "too_many", until }, orders);
    case "swapped_too_often":
      return toJoin(state, { type: "wait", why: "swapped", until }, orders);
    case "unavailable":
      return toJoin(state, { type: "unavailable" }, orders);
    default:
      return over(state, "failed", orders);
  }
}

/** Back to where Join is, for a reason that what the link shows makes plain. */
function toJoinTold(state: State, notice: JoinNotice, orders: Orders): State {
  return toJoin({ ...state, view: null }, notice, orders);
}
