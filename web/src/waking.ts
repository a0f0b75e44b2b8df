// When a page wakes: it is looked at again, comes out of the browser's memory, or its machine has slept.

/** How often a page looks whether its machine has slept. */
const LOOK_MS = 2_000;
/** A look that comes so much too late was slept through. Hidden pages are woken once a minute. */
const SLEPT_MS = 70_000;
/** A page that can be seen is late for nothing but sleep. */
const SLEPT_IN_VIEW_MS = 6_000;

/** The part of the browser that this needs; tests bring their own. */
export type Sleeper = {
  readonly isVisible: () => boolean;
  /** Milliseconds of a clock that goes on while the machine sleeps. */
  readonly now: () => number;
  readonly listen: (heard: () => void) => void;
  readonly every: (ms: number, work: () => void) => void;
};

/** Calls `woke` each time the page wakes. What it shows may be of long ago. */
export function onWaking(woke: () => void, sleeper: Sleeper = page): void {
  let last = sleeper.now();
  sleeper.listen(() => {
    if (sleeper.isVisible()) {
      last = sleeper.now();
      woke();
    }
  });
  sleeper.every(LOOK_MS, () => {
    const now = sleeper.now();
    const late = now - last - LOOK_MS;
    last = now;
    // A clock that was set is no harm: the page looks once too often.
    if (Math.abs(late) > (sleeper.isVisible() ? SLEPT_IN_VIEW_MS : SLEPT_MS)) {
      woke();
    }
  });
}

const page: Sleeper = {
  isVisible: () => document.visibilityState === "visible",
  now: () => Date.now(),
  listen: (heard) => {
    document.addEventListener("visibilitychange", heard);
    document.addEventListener("resume", heard);
    addEventListener("pageshow", (event) => event.persisted && heard());
    addEventListener("online", heard);
  },
  every: (ms, work) => {
    setInterval(work, ms);
  },
};
