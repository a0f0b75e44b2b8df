// Runs the session: hands events to `step` one at a time, performs its effects in order, and wakes
// it when it asked to be woken.

import { type ReadonlySignal, signal } from "@preact/signals";
import type { Effect } from "./session/effect";
import type { Event } from "./session/event";
import type { State } from "./session/state";
import { initial, nextWake, step } from "./session/step";

export type Drive = {
  readonly state: ReadonlySignal<State>;
  readonly report: (event: Event) => void;
};

export function drive(seed: number, perform: (effect: Effect) => void): Drive {
  const state = signal(initial(seed));
  const waiting: Event[] = [];
  let busy = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const take = (event: Event) => {
    const turn = step(state.peek(), event, performance.now());
    // Effects before the page is drawn: nothing should wait for pixels.
    for (const effect of turn.effects) {
      perform(effect);
    }
    state.value = turn.state;
  };

  const report = (event: Event) => {
    waiting.push(event);
    if (busy) {
      return;
    }
    busy = true;
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      take(next);
    }
    busy = false;
    clearTimeout(timer);
    const wake = nextWake(state.peek());
    if (wake !== null) {
      const wait = Math.max(0, Math.ceil(wake - performance.now()));
      timer = setTimeout(() => report({ type: "woke" }), wait);
    }
  };

  return { state, report };
}
