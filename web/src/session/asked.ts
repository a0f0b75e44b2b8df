// What is asked of the server in a call, beside media and leaving.

import type { Orders } from "./effect";
import type { Asked } from "./event";
import { say } from "./line";
import type { CallPhase, State } from "./state";

/** Somebody pressed or wrote something: where the line is lost it is not done, and that is said. */
export function asked(state: State, message: Asked, now: number, orders: Orders): State {
  const { line, phase } = state;
  if (phase.type !== "call") {
    return state;
  }
  const why = line.type === "live" ? null : "offline";
  say(state, message, orders);
  const call: CallPhase =
    message.type === "write"
      ? { ...phase, writing: { text: message.text, why } }
      : { ...phase, askedAt: now, undone: why };
  return { ...state, phase: call };
}
