// What somebody wrote or pressed and the server did not do: by the lost line, or by what it refused.

import type { RefusedCode } from "../wire/messages";
import type { CallPhase } from "./state";

/** A refusal that comes later than this is about something else. */
const ANSWERED_MS = 5_000;

/** The line is lost: whether what was on its way has arrived is not known. */
export function unanswered(call: CallPhase): CallPhase {
  return isOnItsWay(call) ? { ...call, writing: { ...call.writing, why: "offline" } } : call;
}

/** Something had no effect. What was written is answered before anything else is. */
export function notDone(call: CallPhase, code: RefusedCode, now: number): CallPhase {
  if (code === "not_allowed" || code === "no_room" || code === "too_fast") {
    if (code === "too_fast" && isOnItsWay(call)) {
      return { ...call, writing: { ...call.writing, why: code } };
    }
    const isRecent = call.askedAt !== null && now - call.askedAt < ANSWERED_MS;
    return isRecent ? { ...call, askedAt: null, undone: code } : call;
  }
  const isAboutWords = code === "bad_text" || code === "not_seated";
  return isAboutWords && isOnItsWay(call)
    ? { ...call, writing: { ...call.writing, why: code } }
    : call;
}

type OnItsWay = CallPhase & { readonly writing: NonNullable<CallPhase["writing"]> };

function isOnItsWay(call: CallPhase): call is OnItsWay {
  return call.writing !== null && call.writing.why === null;
}
