// When the time of a talk is up: parents and guests go on to their next appointment, teachers to their
// next family, by themselves. Whoever leaves by a press is not taken anywhere.

import type { Appointment, LinkView } from "../wire/messages";
import type { Orders } from "./effect";
import { hangUp } from "./line";
import { over } from "./over";
import { closePeer } from "./repair";
import type { State } from "./state";

/** What comes after the appointment that this is held in, `null` where nothing does. */
export function following(view: LinkView | null, meeting: string | null): Appointment | null {
  const all = view?.appointments ?? [];
  const own = all.findIndex((one) => one.meeting === meeting);
  return all.slice(own + 1).find(({ phase }) => phase !== "over") ?? null;
}

/** The time is up: on to the next, with camera and microphone as they are; else it is over. */
export function timeUp(state: State, orders: Orders): State {
  const next = following(state.view, state.meeting);
  if (next === null) {
    return over(state, "time_up", orders);
  }
  const ended = closePeer(hangUp(state, orders), orders);
  orders.push({ type: "forget_session" }, { type: "announce", what: { type: "goes_on" } });
  return goOn(
    { ...ended, phase: { type: "over", why: "time_up" }, told: null, tellAgainAt: null },
    next.meeting,
    orders,
  );
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
