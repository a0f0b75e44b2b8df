// Keeps the server told of what this person sends, and of how they see the others.

import type { Sends, Shown } from "../wire/messages";
import type { Orders } from "./effect";
import { say } from "./line";
import type { State } from "./state";

/** Tells the server where it was told otherwise. */
export function tell(state: State, orders: Orders): State {
  return tellShown(tellSends(state, orders), orders);
}

/** What is sent is kept for a reload too. */
function tellSends(state: State, orders: Orders): State {
  const { phase, sends, told } = state;
  if (phase.type !== "call" && phase.type !== "queued") {
    return state;
  }
  if (told !== null && same(sends, told)) {
    return state;
  }
  const { meeting } = state;
  orders.push({ type: "keep_session", held: phase.held, sends, meeting });
  // Whoever waits sends nothing yet; `joined` is followed by this again.
  if (!mayTell(state)) {
    return state;
  }
  say(state, { type: "sends", sends }, orders);
  return { ...state, told: sends };
}

function tellShown(state: State, orders: Orders): State {
  const { shown, shownTold } = state;
  // A page that was not measured yet has nothing to say.
  if (shown.length === 0 || !mayTell(state) || (shownTold !== null && alike(shown, shownTold))) {
    return state;
  }
  say(state, { type: "view", slots: [...shown] }, orders);
  return { ...state, shownTold: shown };
}

function mayTell(state: State): boolean {
  return state.phase.type === "call" && state.line.type === "live" && state.tellAgainAt === null;
}

function alike(a: readonly Shown[], b: readonly Shown[]): boolean {
  return (
    a.length === b.length &&
    a.every((one, slot) => one.camera === b[slot]?.camera && one.screen === b[slot]?.screen)
  );
}

function same(a: Sends, b: Sends): boolean {
  return a.microphone === b.microphone && a.camera === b.camera && a.screen === b.screen;
}
