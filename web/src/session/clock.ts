// The clock of the talk, by the server's: what is left of it, and its warnings, each told once.

import type { Clock } from "../wire/messages";
import type { Orders } from "./effect";
import { askWayOn } from "./go-on";
import type { CallPhase, State, TalkClock } from "./state";

/** How long before the end people are warned; the first first. */
const WARNINGS_MS = [60_000, 10_000] as const;
/** What two messages of the same end may differ by on their way. */
const SAME_MS = 1_000;

/**
 * The server has set the clock, or taken it away. A warning of an end that has moved away counts no more.
 */
export function setClock(
  before: TalkClock | null,
  clock: Clock | undefined,
  now: number,
): TalkClock | null {
  if (clock === undefined) {
    return null;
  }
  const endsAt = now + clock.ends_in_ms;
  const isLater = before !== null && endsAt > before.endsAt + SAME_MS;
  return {
    beginsAt: clock.begins_in_ms > 0 ? now + clock.begins_in_ms : null,
    endsAt,
    mayBeLonger: clock.may_be_longer,
    warned: before === null || isLater ? null : before.warned,
  };
}

/** The warning to come, `null` where all were told. */
function nextWarning({ warned }: TalkClock): number | null {
  return WARNINGS_MS.find((warning) => warned === null || warning < warned) ?? null;
}

/** The moment of the next warning. */
export function clockWake(state: State): number | null {
  const clock = clockOf(state);
  const warning = clock === null ? null : nextWarning(clock);
  return clock === null || warning === null ? null : clock.endsAt - warning;
}

/** Tells what is due: the last of several warnings alone. */
export function tendClock(state: State, now: number, orders: Orders): State {
  const clock = clockOf(state);
  const due = clock === null ? undefined : dueOf(clock, now);
  if (state.phase.type !== "call" || clock === null || due === undefined) {
    return state;
  }
  const seconds = Math.round((clock.endsAt - now) / 1_000);
  if (seconds > 0) {
    orders.push({ type: "announce", what: { type: "time_left", seconds } });
  }
  if (due === WARNINGS_MS[0]) {
    // What comes next may have changed since the page was opened.
    orders.push({ type: "look_up_link" });
  }
  if (due === WARNINGS_MS[1]) {
    askWayOn(state, orders);
  }
  const phase: CallPhase = { ...state.phase, clock: { ...clock, warned: due } };
  return { ...state, phase };
}

function dueOf(clock: TalkClock, now: number): number | undefined {
  const left = clock.endsAt - now;
  return WARNINGS_MS.filter(
    (warning) => left <= warning && (clock.warned === null || warning < clock.warned),
  ).at(-1);
}

function clockOf({ phase }: State): TalkClock | null {
  return phase.type === "call" ? phase.clock : null;
}
