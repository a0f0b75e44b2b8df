// The session: one event in, the next state and its orders out. Pure.

import { delay } from "./backoff";
import type { Effect, Orders } from "./effect";
import type { Event, Refusal } from "./event";
import { greet } from "./greet";
import { dial, hangUp, lineWake, ping, redial, say, socketOf, tendLine } from "./line";
import { over } from "./over";
import { ensurePeer, offerMade, peerChanged, repairWake, tendRepair } from "./repair";
import { closed, said } from "./server";
import { type Held, type JoinNotice, mayPress, type Phase, type State } from "./state";
import { tell } from "./tell";

/** How long to wait where a refusal names no time. */
const WAIT_MS = 10_000;

/** The state before anything happened. `seed` is a random number for the jitter. */
export function initial(seed: number): State {
  return {
    phase: { type: "opening", notice: null, tries: 0, until: null },
    line: { type: "none" },
    peer: null,
    view: null,
    sends: { microphone: false, camera: false, screen: false },
    told: null,
    tellAgainAt: null,
    sockets: 0,
    peers: 0,
    asks: 0,
    seed: seed >>> 0,
  };
}

/** What follows from `event` at `now`, milliseconds of any clock that only goes forward. */
export function step(
  state: State,
  event: Event,
  now: number,
): { state: State; effects: readonly Effect[] } {
  const orders: Orders = [];
  return { state: handle(state, event, now, orders), effects: orders };
}

/** When `woke` must be handed in, `null` for never. */
export function nextWake(state: State): number | null {
  const { phase } = state;
  const moments = [
    lineWake(state.line),
    repairWake(state.peer),
    state.tellAgainAt,
    phase.type === "opening" ? phase.until : null,
  ].filter((moment) => moment !== null);
  return moments.length === 0 ? null : Math.min(...moments);
}

function handle(state: State, event: Event, now: number, orders: Orders): State {
  switch (event.type) {
    case "opened":
      return opened(state, event.kept, now, orders);
    case "cannot_open":
      return over(state, event.why, orders);
    case "pressed":
      return pressed(state, event.attempt, now, orders);
    case "cancelled":
      return cancelled(state, orders);
    case "leave_pressed":
      return leave(state, orders);
    case "notice_dismissed":
      return inPhase(state, "call", (phase) => ({ ...phase, contested: null }));
    case "link_told":
    case "link_refused":
    case "link_unreachable":
      return linkHeard(state, event, now, orders);
    case "ticket_granted":
    case "ticket_refused":
    case "ticket_unreachable":
      return ticketHeard(state, event, now, orders);
    case "socket_opened":
    case "socket_said":
    case "socket_closed":
      return socketHeard(state, event, now, orders);
    case "offer_made":
    case "offer_failed":
    case "peer_changed":
      return peerHeard(state, event, now, orders);
    case "sends_changed":
      return tell({ ...state, sends: event.sends }, orders);
    case "went_online":
      return wentOnline(state, now, orders);
    case "came_back":
      return cameBack(state, orders);
    case "woke":
      return woke(state, now, orders);
  }
}

/** The page was opened: goes on with a kept session, or looks up the link. */
function opened(state: State, kept: Held | null, now: number, orders: Orders): State {
  const prepared = ensurePeer(state, orders);
  if (kept === null) {
    orders.push({ type: "look_up_link" });
    return prepared;
  }
  orders.push({ type: "take_media", asBefore: true });
  return dial({ ...prepared, phase: { type: "resuming", held: kept } }, now, orders);
}

/** A press on Join: the only way to a new session, and out of `over`. */
function pressed(state: State, attempt: string, now: number, orders: Orders): State {
  if (!isPressable(state.phase, now)) {
    return state;
  }
  orders.push({ type: "mark", name: "join-pressed" });
  const joining: State = {
    ...state,
    phase: { type: "joining", attempt, ticket: { type: "needed" } },
    told: null,
  };
  const dialled = dial(ensurePeer(joining, orders), now, orders);
  orders.push({ type: "take_media", asBefore: false });
  return dialled;
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

/** Gives up joining, back to the join page. */
function cancelled(state: State, orders: Orders): State {
  if (state.phase.type !== "joining") {
    return state;
  }
  sayGreeted(state, orders);
  return toJoin(state, null, orders);
}

/** A greeting may just have been answered, so the seat is given back. */
function sayGreeted(state: State, orders: Orders): void {
  if (state.line.type === "greeted") {
    orders.push({ type: "send", socket: state.line.socket, message: { type: "leave" } });
  }
}

function leave(state: State, orders: Orders): State {
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

function linkHeard(
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
      return event.problem.code === "no_such_link" || event.problem.code === "bad_request"
        ? over(state, "no_such_link", orders)
        : lookLater(state, Math.max(event.problem.retryAfterMs, 1000), now);
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

function ticketHeard(
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
  switch (problem.code) {
    case "no_such_link":
      return over(state, "no_such_link", orders);
    case "bad_request":
      return over(state, "failed", orders);
    case "too_many":
      return toJoin(state, { type: "wait", why: "too_many", until }, orders);
    case "swapped_too_often":
      return toJoin(state, { type: "wait", why: "swapped", until }, orders);
    case "unavailable":
      return toJoin(state, { type: "unavailable" }, orders);
  }
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

function socketHeard(
  state: State,
  event: Extract<Event, { type: "socket_opened" | "socket_said" | "socket_closed" }>,
  now: number,
  orders: Orders,
): State {
  if (socketOf(state.line) !== event.socket) {
    return state;
  }
  switch (event.type) {
    case "socket_opened":
      return state.line.type === "opening"
        ? greet({ ...state, line: { ...state.line, type: "open" } }, now, orders)
        : state;
    case "socket_said":
      return said(state, event.message, now, orders);
    case "socket_closed":
      return closed(state, event.code, now, orders);
  }
}

function peerHeard(
  state: State,
  event: Extract<Event, { type: "offer_made" | "offer_failed" | "peer_changed" }>,
  now: number,
  orders: Orders,
): State {
  if (state.peer?.id !== event.peer) {
    return state;
  }
  switch (event.type) {
    case "offer_made":
      return greet(offerMade(state, event.offer, orders), now, orders);
    case "offer_failed":
      return over(state, "unsupported", orders);
    case "peer_changed":
      return peerChanged(state, event.health, now, orders);
  }
}

function wentOnline(state: State, now: number, orders: Orders): State {
  switch (state.line.type) {
    case "none":
      return state.phase.type === "opening" ? lookNow(state, orders) : state;
    case "waiting":
      return dial(state, now, orders);
    case "opening":
    case "open":
    case "greeted":
      // Begun on a network that is gone.
      return redial(state, now, orders);
    case "live":
      return ping(state, now, true, orders);
  }
}

function cameBack(state: State, orders: Orders): State {
  if (state.phase.type === "join") {
    orders.push({ type: "look_up_link" });
  }
  return state;
}

function lookNow(state: State, orders: Orders): State {
  return inPhase(state, "opening", (phase) => {
    if (phase.until === null) {
      return phase;
    }
    orders.push({ type: "look_up_link" });
    return { ...phase, until: null };
  });
}

function woke(state: State, now: number, orders: Orders): State {
  const { phase, tellAgainAt } = state;
  let next = state;
  if (phase.type === "opening" && phase.until !== null && now >= phase.until) {
    next = lookNow(next, orders);
  }
  if (tellAgainAt !== null && now >= tellAgainAt) {
    next = tell({ ...next, told: null, tellAgainAt: null }, orders);
  }
  next = tendLine(next, now, orders);
  return tendRepair(next, now, orders);
}

function inPhase<T extends Phase["type"]>(
  state: State,
  type: T,
  change: (phase: Extract<Phase, { type: T }>) => Phase,
): State {
  const { phase } = state;
  return phase.type === type
    ? { ...state, phase: change(phase as Extract<Phase, { type: T }>) }
    : state;
}
