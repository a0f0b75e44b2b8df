// When the time of a talk is up: parents and guests go on to their next appointment, teachers to their
// next family, by themselves. Whoever leaves by a press is not taken anywhere.

import type { Appointment, LinkView } from "../wire/messages";
import type { Orders } from "./effect";
import type { Event } from "./event";
import { ANSWER_MS } from "./greet";
import { greetedAnew, hangUp, say } from "./line";
import { over } from "./over";
import { closePeer, RESTART_MS, withRepair } from "./repair";
import type { Next, State } from "./state";

/** What comes after the appointment that this is held in, `null` where nothing does. */
export function following(view: LinkView | null, meeting: string | null): Appointment | null {
  const all = view?.appointments ?? [];
  const own = all.findIndex((one) => one.meeting === meeting);
  return all.slice(own + 1).find(({ phase }) => phase !== "over") ?? null;
}

/** Shortly before the end: what follows is asked for. */
export function askWayOn({ view, meeting }: State, orders: Orders): void {
  const next = following(view, meeting);
  if (next !== null) {
    orders.push({ type: "ask_way_on", meeting: next.meeting });
  }
}

/** Asks for a ticket to what follows. */
export function wayOnAsked(
  state: State,
  { attempt, meeting }: Extract<Event, { type: "way_on_asked" }>,
  orders: Orders,
): State {
  const isNext = following(state.view, state.meeting)?.meeting === meeting;
  if (state.phase.type !== "call" || !isNext) {
    return state;
  }
  const ask = state.asks + 1;
  orders.push({ type: "ask_ticket", ask, attempt, meeting });
  return { ...state, asks: ask, next: { type: "asked", ask, attempt, meeting } };
}

/** An answer about that ticket came. Without one the page goes on as anybody comes. */
export function wayOnHeard(
  state: State,
  event: Extract<Event, { type: "ticket_granted" | "ticket_refused" | "ticket_unreachable" }>,
  orders: Orders,
): State {
  const { next, line, phase } = state;
  const mayTell = phase.type === "call" && line.type === "live";
  if (next?.type !== "asked" || event.type !== "ticket_granted" || !mayTell) {
    return { ...state, next: null };
  }
  say(state, { type: "next", ticket: event.ticket }, orders);
  const { attempt, meeting } = next;
  return { ...state, next: { type: "told", attempt, meeting } };
}

/** The time is up: on to the next, with camera and microphone as they are; else it is over. */
export function timeUp(state: State, now: number, orders: Orders): State {
  const next = following(state.view, state.meeting);
  if (next === null) {
    return over(state, "time_up", orders);
  }
  orders.push({ type: "stop_screen" }, { type: "announce", what: { type: "goes_on" } });
  if (isKeptFor(state, next.meeting)) {
    return moveOn(state, state.next, now, orders);
  }
  const ended = closePeer(hangUp(state, orders), orders);
  orders.push({ type: "forget_session" });
  return goOn(
    { ...ended, phase: { type: "over", why: "time_up" }, told: null, tellAgainAt: null },
    next.meeting,
    orders,
  );
}

/** Whether the server keeps the connection of this talk for that meeting. */
function isKeptFor(state: State, meeting: string): state is State & { readonly next: Next } {
  const { next, line, peer } = state;
  const isTold = next?.type === "told" && next.meeting === meeting;
  return isTold && line.type === "live" && peer?.answered === true && peer.health === "connected";
}

/** Nothing is set up anew: the press is one message. */
function moveOn(state: State, { attempt, meeting }: Next, now: number, orders: Orders): State {
  const sends = { ...state.sends, screen: false };
  orders.push({ type: "mark", name: "join-pressed" });
  say(state, { type: "enter", sends }, orders);
  const entering: State = {
    ...state,
    phase: { type: "joining", attempt, ticket: { type: "needed" }, accepts: null },
    meeting,
    goesOn: meeting,
    next: null,
    told: sends,
    tellAgainAt: null,
  };
  // Where it is not fit for that call, this is refused as the offer of a restart would be.
  const asking = { type: "asking", how: "restart", until: now + RESTART_MS } as const;
  return greetedAnew(withRepair(entering, asking), now + ANSWER_MS);
}

function goOn(state: State, meeting: string, orders: Orders): State {
  orders.push({ type: "go_on", meeting });
  return { ...state, goesOn: meeting };
}

/** What the page waits to go on to can be joined now. */
export function goOnWhereOpen(state: State, orders: Orders): State {
  const { goesOn, phase, view } = state;
  const isOpen = view?.appointments.some((one) => one.meeting === goesOn && one.joinable) === true;
  return goesOn !== null && phase.type === "join" && isOpen ? goOn(state, goesOn, orders) : state;
}
