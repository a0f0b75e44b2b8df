// Keeps the server told of what this person sends.

import type { Sends } from "../wire/messages";
import type { Orders } from "./effect";
import { say } from "./line";
import type { State } from "./state";

/** Tells the server where it was told otherwise, and keeps it for a reload. */
export function tell(state: State, orders: Orders): State {
  const { phase, sends, told } = state;
  if (phase.type !== "call" && phase.type !== "queued") {
    return state;
  }
  if (told !== null && same(sends, told)) {
    return state;
  }
  orders.push({ type: "keep_session", held: phase.held, sends });
  // Whoever waits sends nothing yet; `joined` is followed by this again.
  if (phase.type === "queued" || state.line.type !== "live" || state.tellAgainAt !== null) {
    return state;
  }
  say(state, { type: "sends", sends }, orders);
  return { ...state, told: sends };
}

function same(a: Sends, b: Sends): boolean {
  return a.microphone === b.microphone && a.camera === b.camera && a.screen === b.screen;
}
