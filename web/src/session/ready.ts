// Connected before the press (SCR-11): while somebody looks at the page with Join on it, a socket and a
// peer connection are made ready. Nothing flows on them and nobody is evicted; the press is one message.

import type { ServerMessage, VisitStage } from "../wire/messages";
import type { Orders } from "./effect";
import type { Event } from "./event";
import { dial, goLive, hangUp, NOT_READY, readyLater } from "./line";
import { applyAnswer, closePeer, ensurePeer, withRepair } from "./repair";
import type { State } from "./state";

/** How long the connection may take: where it takes longer, the next one goes by the relay. */
const CONNECT_MS = 5_000;

/** The appointment to be ready for: `null` where the link names none, `undefined` for none at all. */
export function readyFor({ phase, ready, view, line }: State): string | null | undefined {
  const isFree = phase.type === "join" && ready.type === "none" && ready.until === null;
  if (!isFree || view === null || line.type !== "none") {
    return undefined;
  }
  const visit = view.area?.visit;
  if (view.asks_name === true || (visit !== undefined && !isTaken(visit.stage))) {
    // There is no call yet.
    return undefined;
  }
  // Servers that know no evening name no appointments.
  return view.evening === undefined && view.appointments.length === 0
    ? null
    : view.appointments.find(({ joinable }) => joinable)?.meeting;
}

/** Whether a caller's visit to a waiting area has come as far as a call. */
export function isTaken(stage: VisitStage): boolean {
  switch (stage) {
    case "called":
    case "joined":
      return true;
    case "waiting":
    case "ended":
    case "left":
    case "unknown":
      return false;
  }
}

/** Somebody looks at the page: the ticket first, which brings the relay. */
export function getReady(
  state: State,
  { attempt, meeting }: Extract<Event, { type: "get_ready" }>,
  orders: Orders,
): State {
  const wanted = readyFor(state);
  if (wanted === undefined || wanted !== (meeting ?? null)) {
    return state;
  }
  const ask = state.asks + 1;
  const order = { type: "ask_ticket", ask, attempt, prepares: true } as const;
  orders.push(meeting === undefined ? order : { ...order, meeting });
  const { tries } = state.ready;
  const ready = { type: "asked", ask, attempt, meeting: wanted, tries } as const;
  return { ...state, asks: ask, ready };
}

/** An answer about its ticket came. */
export function readyTicketHeard(
  state: State,
  event: Extract<Event, { type: "ticket_granted" | "ticket_refused" | "ticket_unreachable" }>,
  now: number,
  orders: Orders,
): State {
  const { ready } = state;
  if (ready.type !== "asked") {
    return state;
  }
  if (event.type !== "ticket_granted") {
    return unready(state, now, orders);
  }
  const held = { ...ready, type: "held", ticket: event.ticket } as const;
  return dial({ ...ensurePeer(state, orders), ready: held }, now, orders);
}

/** It is being connected. */
export function prepared(
  state: State,
  message: Extract<ServerMessage, { type: "prepared" }>,
  now: number,
  orders: Orders,
): State {
  const { ready } = state;
  if (ready.type !== "held") {
    return state;
  }
  const { attempt, meeting, tries } = ready;
  const answered = withRepair(applyAnswer(state, message.answer, now, orders), { type: "none" });
  const done = { type: "done", attempt, meeting, tries, until: now + CONNECT_MS } as const;
  return goLive({ ...answered, ready: done }, message.heartbeat_ms, now);
}

/** Lets go of what was made ready; it is made again later, while somebody looks. */
function unready(state: State, now: number, orders: Orders): State {
  return { ...letGo(state, orders), ready: readyLater(state, now) };
}

/** Nobody looks at the page: it is made again when somebody does. */
export function unlooked(state: State, orders: Orders): State {
  return state.phase.type === "join" ? letGo(state, orders) : state;
}

/** Ends what was made ready; of the connection, where it was answered, nothing is left to use. */
export function letGo(state: State, orders: Orders): State {
  const hung = hangUp(state, orders);
  const closed = hung.peer?.answered === true ? closePeer(hung, orders) : hung;
  return { ...closed, ready: NOT_READY };
}

/** Whether this press finds everything ready; one that names no appointment is for what is next. */
export function isReadyFor(state: State, meeting: string | null): boolean {
  const { ready, line, peer } = state;
  return (
    ready.type === "done" &&
    (meeting === null || ready.meeting === meeting) &&
    line.type === "live" &&
    // Where it is still on its way, so is everything else.
    peer !== null &&
    peer.health !== "failed"
  );
}

/** When it wants to be looked at. */
export function readyWake({ ready, peer }: State): number | null {
  const connects = ready.type === "done" && peer?.health !== "connected";
  return ready.type === "none" || connects ? ready.until : null;
}

/** Does what is due. */
export function tendReady(state: State, now: number, orders: Orders): State {
  const wake = readyWake(state);
  if (wake === null || now < wake) {
    return state;
  }
  const { ready } = state;
  return ready.type === "none"
    ? { ...state, ready: { ...ready, until: null } }
    : unready(state, now, orders);
}
