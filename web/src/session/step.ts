// The session: one event in, the next state and its orders out. Pure.

import type { Sends } from "../wire/messages";
import { cameBack, linkEnded, linkHeard, lookNow, opened, toJoin } from "./arrive";
import { asked } from "./asked";
import { clockWake, tendClock } from "./clock";
import type { Effect, Orders } from "./effect";
import type { Event } from "./event";
import { wayOnAsked, wayOnHeard } from "./go-on";
import { greet } from "./greet";
import { dial, lineWake, NOT_READY, ping, redial, socketOf, tendLine } from "./line";
import { over } from "./over";
import { cancelled, goesOn, homePressed, leave, pressed, ticketHeard } from "./press";
import { getReady, readyTicketHeard, readyWake, tendReady, unlooked } from "./ready";
import { offerMade, peerChanged, repairWake, tendRepair } from "./repair";
import { closed, said } from "./server";
import { isOnHold, type State } from "./state";
import { tell } from "./tell";

/** The state before anything happened. `seed` is a random number for the jitter. */
export function initial(seed: number): State {
  return {
    phase: { type: "opening", notice: null, tries: 0, trouble: null, until: null },
    line: { type: "none" },
    peer: null,
    view: null,
    meeting: null,
    goesOn: null,
    ready: NOT_READY,
    next: null,
    sends: { microphone: false, camera: false, screen: false },
    told: null,
    shown: [],
    shownTold: null,
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
    isOnHold(state) ? null : repairWake(state.peer),
    clockWake(state),
    readyWake(state),
    state.tellAgainAt,
    phase.type === "opening" ? phase.until : null,
  ].filter((moment) => moment !== null);
  return moments.length === 0 ? null : Math.min(...moments);
}

function handle(state: State, event: Event, now: number, orders: Orders): State {
  switch (event.type) {
    case "opened":
      return opened(state, event, now, orders);
    case "cannot_open":
      return over(state, event.why, orders);
    case "pressed":
      return pressed(state, event, now, orders);
    case "goes_on":
      return goesOn(state, event, now, orders);
    case "way_on_asked":
      return wayOnAsked(state, event, orders);
    case "get_ready":
      return getReady(state, event, orders);
    case "unlooked":
      return unlooked(state, orders);
    case "asked":
      return asked(state, event.message, now, orders);
    case "undone_read":
      return state.phase.type === "call"
        ? { ...state, phase: { ...state.phase, undone: null } }
        : state;
    case "stay_pressed":
      return { ...state, goesOn: null };
    case "came_on_read":
      return state.phase.type === "call"
        ? { ...state, phase: { ...state.phase, cameOn: false } }
        : state;
    case "home_pressed":
      return homePressed(state, orders);
    case "cancelled":
      return cancelled(state, orders);
    case "leave_pressed":
      return leave(state, orders);
    case "notice_dismissed":
      return state.phase.type === "call"
        ? { ...state, phase: { ...state.phase, contested: null } }
        : state;
    case "link_told":
    case "link_refused":
    case "link_unreachable":
      return linkHeard(state, event, now, orders);
    case "ticket_granted":
    case "ticket_refused":
    case "ticket_unreachable":
      return anyTicketHeard(state, event, now, orders);
    case "socket_opened":
    case "socket_said":
    case "socket_closed":
      return socketHeard(state, event, now, orders);
    case "offer_made":
    case "offer_failed":
    case "peer_changed":
      return peerHeard(state, event, now, orders);
    case "sends_changed":
      return sendsChanged(state, event.sends, orders);
    case "shown_changed":
      return tell({ ...state, shown: event.shown }, orders);
    case "went_online":
      return wentOnline(state, now, orders);
    case "came_back":
      return cameBack(state, orders);
    case "link_withdrawn":
      return linkEnded(state, "withdrawn", orders);
    case "evening_over":
      return linkEnded(state, "evening_over", orders);
    case "woke":
      return woke(state, now, orders);
  }
}

/** What the answer is about, its number says. */
function anyTicketHeard(
  state: State,
  event: Extract<Event, { type: "ticket_granted" | "ticket_refused" | "ticket_unreachable" }>,
  now: number,
  orders: Orders,
): State {
  const { ready, next } = state;
  if (ready.type === "asked" && ready.ask === event.ask) {
    return readyTicketHeard(state, event, now, orders);
  }
  return next?.type === "asked" && next.ask === event.ask
    ? wayOnHeard(state, event, orders)
    : ticketHeard(state, event, now, orders);
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
      return offerFailed(state, orders);
    case "peer_changed":
      return peerChanged(state, event.health, now, orders);
  }
}

/** What this person sends has changed; the end of a share may be the browser's own doing. */
function sendsChanged(state: State, sends: Sends, orders: Orders): State {
  if (state.phase.type === "call" && state.sends.screen !== sends.screen) {
    orders.push({ type: "announce", what: { type: "own_screen", shared: sends.screen } });
  }
  return tell({ ...state, sends }, orders);
}

/** The browser makes no connection: that stands in the way of a call, and of nothing else. */
function offerFailed(state: State, orders: Orders): State {
  const without: State = { ...state, peer: null };
  switch (state.phase.type) {
    case "opening":
    case "join":
    case "over":
      return without;
    case "joining": {
      orders.push({ type: "release_media" });
      return toJoin(without, { type: "cannot_call" }, orders);
    }
    case "resuming":
    case "queued":
    case "call":
      return over(state, "unsupported", orders);
  }
}

function wentOnline(state: State, now: number, orders: Orders): State {
  switch (state.line.type) {
    case "none":
      return lookNow(state, orders);
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

function woke(state: State, now: number, orders: Orders): State {
  const { phase, tellAgainAt } = state;
  let next = state;
  if (phase.type === "opening" && phase.until !== null && now >= phase.until) {
    next = lookNow(next, orders);
  }
  if (tellAgainAt !== null && now >= tellAgainAt) {
    next = tell({ ...next, told: null, shownTold: null, tellAgainAt: null }, orders);
  }
  next = tendClock(next, now, orders);
  next = tendReady(next, now, orders);
  next = tendLine(next, now, orders);
  return tendRepair(next, now, orders);
}
