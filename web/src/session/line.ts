// The socket: one at a time, opened again by the schedule, watched by the heartbeat.

import type { ClientMessage } from "../wire/messages";
import { delay } from "./backoff";
import type { Orders } from "./effect";
import type { Line, Ready, State } from "./state";
import { unanswered } from "./undone";

/** How long a socket may take to open, and a greeting to be answered. */
const OPEN_MS = 10_000;
/** When to make ready again after the first time in vain, and after those that follow. */
const READY_AGAIN_MS = [1_000, 30_000, 300_000] as const;
/** A socket that held for less has not broken the row of failures. */
const STABLE_MS = 10_000;
/** How long a socket in doubt has to answer. */
const PROVE_MS = 2_000;
/** After so many pings without a pong the socket is dead. */
const MISSED = 2;

export const NOT_READY = { type: "none", tries: 0, until: null } as const;

/** What was made ready for the press is lost: it is made again, the less soon the more often in vain. */
export function readyLater({ ready, peer }: State, now: number): Ready {
  const worked = ready.type === "done" && peer?.health === "connected";
  const tries = worked ? 0 : ready.tries;
  const wait = READY_AGAIN_MS[Math.min(tries, READY_AGAIN_MS.length - 1)] ?? 0;
  return { type: "none", tries: tries + 1, until: now + wait };
}

/** The number of the socket, where there is one. */
export function socketOf(line: Line): number | null {
  return line.type === "none" || line.type === "waiting" ? null : line.socket;
}

/** Opens a socket; there is none. */
export function dial(state: State, now: number, orders: Orders): State {
  const failures = state.line.type === "none" ? 0 : state.line.failures;
  const socket = state.sockets + 1;
  orders.push({ type: "open_socket", socket });
  return {
    ...askTicketIfNeeded(state, orders),
    sockets: socket,
    line: { type: "opening", socket, failures, until: now + OPEN_MS },
  };
}

function askTicketIfNeeded(state: State, orders: Orders): State {
  const { phase } = state;
  if (phase.type !== "joining" || phase.ticket.type !== "needed") {
    return state;
  }
  const ask = state.asks + 1;
  orders.push({
    type: "ask_ticket",
    ask,
    attempt: phase.attempt,
    ...(state.meeting === null ? {} : { meeting: state.meeting }),
    ...(phase.accepts === null ? {} : { accepts: phase.accepts }),
  });
  return { ...state, asks: ask, phase: { ...phase, ticket: { type: "asked", ask } } };
}

/** Takes a socket for one that was just greeted. */
export function greetedAnew(state: State, until: number): State {
  const { line } = state;
  return line.type === "live"
    ? { ...state, line: { type: "greeted", socket: line.socket, failures: 0, until } }
    : state;
}

/** Closes the socket, where there is one. */
export function hangUp(state: State, orders: Orders): State {
  const socket = socketOf(state.line);
  if (socket !== null) {
    orders.push({ type: "close_socket", socket });
  }
  // The next one is to be told anew where the page goes on to.
  return { ...state, line: { type: "none" }, next: null };
}

/** The socket is lost or given up: closes it and tries again, at once or later. */
export function redial(state: State, now: number, orders: Orders): State {
  const { line } = state;
  if (state.phase.type === "join") {
    return { ...hangUp(state, orders), ready: readyLater(state, now) };
  }
  const held = line.type === "live" && now - line.since >= STABLE_MS;
  const failures = line.type === "none" || held ? 0 : line.failures;
  const wait = delay(failures, state.seed);
  if (state.phase.type === "call" && line.type === "live") {
    orders.push({ type: "announce", what: { type: "reconnecting" } });
  }
  const phase = state.phase.type === "call" ? unanswered(state.phase) : state.phase;
  const closed: State = {
    ...hangUp(pauseRepair(spoilTicket({ ...state, phase })), orders),
    seed: wait.seed,
    line: { type: "waiting", failures: failures + 1, until: now + wait.ms },
  };
  return wait.ms === 0 ? dial(closed, now, orders) : closed;
}

/** A ticket that was sent may have been used: the retry needs another, of the same attempt. */
function spoilTicket(state: State): State {
  const { phase, line } = state;
  if (phase.type !== "joining" || line.type !== "greeted") {
    return state;
  }
  return { ...state, phase: { ...phase, ticket: { type: "needed" } } };
}

/** A repair that was under way on the lost socket is looked at again when the next one is joined. */
function pauseRepair(state: State): State {
  return state.peer === null
    ? state
    : { ...state, peer: { ...state.peer, repair: { type: "none" } } };
}

/** The socket was answered: it lives. */
export function goLive(state: State, heartbeatMs: number, now: number): State {
  const { line } = state;
  if (line.type !== "greeted") {
    return state;
  }
  const everyMs = Math.max(heartbeatMs, 500);
  const beat = { n: 0, unanswered: 0, everyMs, nextAt: now + everyMs, proveBy: null };
  const { socket, failures } = line;
  return { ...state, line: { type: "live", socket, failures, since: now, beat } };
}

/** Sends on a live socket; nothing where it is not. */
export function say(state: State, message: ClientMessage, orders: Orders): void {
  if (state.line.type === "live") {
    orders.push({ type: "send", socket: state.line.socket, message });
  }
}

/** Pings; `prove` gives the socket little time to answer. */
export function ping(state: State, now: number, prove: boolean, orders: Orders): State {
  const { line } = state;
  if (line.type !== "live") {
    return state;
  }
  const n = line.beat.n + 1;
  say(state, { type: "ping", n }, orders);
  const proveBy = line.beat.proveBy ?? (prove ? now + PROVE_MS : null);
  const beat = {
    ...line.beat,
    n,
    unanswered: line.beat.unanswered + 1,
    nextAt: now + line.beat.everyMs,
    proveBy,
  };
  return { ...state, line: { ...line, beat } };
}

/** A pong came. */
export function ponged(state: State): State {
  const { line } = state;
  if (line.type !== "live") {
    return state;
  }
  return { ...state, line: { ...line, beat: { ...line.beat, unanswered: 0, proveBy: null } } };
}

/** The moment at which the line wants to be looked at. */
export function lineWake(line: Line): number | null {
  switch (line.type) {
    case "none":
      return null;
    case "waiting":
    case "opening":
    case "open":
    case "greeted":
      return line.until;
    case "live":
      return Math.min(line.beat.nextAt, line.beat.proveBy ?? line.beat.nextAt);
  }
}

/** Does what is due on the line. */
export function tendLine(state: State, now: number, orders: Orders): State {
  const { line } = state;
  const wake = lineWake(line);
  if (wake === null || now < wake) {
    return state;
  }
  switch (line.type) {
    case "none":
      return state;
    case "waiting":
      return dial(state, now, orders);
    case "opening":
    case "open":
    case "greeted":
      return redial(state, now, orders);
    case "live":
      return tendBeat(state, line, now, orders);
  }
}

function tendBeat(
  state: State,
  line: Extract<Line, { type: "live" }>,
  now: number,
  orders: Orders,
): State {
  const { beat } = line;
  const disproved = beat.proveBy !== null && now >= beat.proveBy;
  if (disproved || beat.unanswered >= MISSED) {
    return redial(state, now, orders);
  }
  // A machine that slept wakes late, most often to a dead socket.
  const slept = now - beat.nextAt > beat.everyMs;
  return ping(state, now, slept, orders);
}
