// Hears of changes to what a link shows, as soon as there are any, for as long as it is told to.

import type { Changes } from "../wire/messages";
import type { Answer } from "./ask";

/** What to do with what is heard. */
export type Heard = {
  readonly changed: () => void;
  readonly withdrawn: () => void;
  /** The evening is over, and the link with it. */
  readonly over: () => void;
};

/** How long to wait after a failure, and at most after several. */
const RETRY_MS = 1_000;
const RETRY_AT_MOST_MS = 8_000;

/** Where the asking stands: what was seen last, and how often it has failed since. */
type At = { readonly seen: string; readonly failures: number };

/** Asks again and again until `stop`, or until the link is dead. */
export function watch(
  ask: (seen: string, until: AbortSignal) => Promise<Answer<Changes>>,
  from: string,
  heard: Heard,
  pause: (ms: number) => Promise<void> = wait,
): { readonly stop: () => void } {
  const stopping = new AbortController();
  const run = async () => {
    let at: At | null = { seen: from, failures: 0 };
    while (at !== null) {
      const answer: Answer<Changes> = await ask(at.seen, stopping.signal);
      if (stopping.signal.aborted) {
        return;
      }
      at = follow(at, answer, heard);
      if (at !== null && at.failures > 0) {
        await pause(Math.min(RETRY_MS * 2 ** (at.failures - 1), RETRY_AT_MOST_MS));
      }
    }
  };
  void run();
  return {
    // What hangs is let go of: a machine that slept asks anew at once.
    stop: () => stopping.abort(),
  };
}

/** Tells what was heard; `null` where there is nothing more to ask. */
function follow(at: At, answer: Answer<Changes>, heard: Heard): At | null {
  if (isDead(answer)) {
    heard.withdrawn();
    return null;
  }
  if (answer.type === "refused" && answer.problem.code === "evening_over") {
    heard.over();
    return null;
  }
  if (answer.type !== "given") {
    return later(at);
  }
  switch (answer.body.type) {
    case "withdrawn":
      return null;
    case "nothing":
      return { seen: answer.body.seen, failures: 0 };
    case "changed":
      heard.changed();
      return { seen: answer.body.seen, failures: 0 };
    case "unknown":
      // Something that this page does not know: it looks again, and does not ask at once.
      heard.changed();
      return later(at);
  }
}

function later(at: At): At {
  return { ...at, failures: at.failures + 1 };
}

function isDead(answer: Answer<Changes>): boolean {
  switch (answer.type) {
    case "given":
      return answer.body.type === "withdrawn";
    case "refused":
      return ["link_withdrawn", "no_such_link"].includes(answer.problem.code);
    case "unreachable":
      return false;
  }
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
