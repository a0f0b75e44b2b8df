/** Waiting: for a condition, never for a time. */

import { AssertionError } from "node:assert";
import { setTimeout as pause } from "node:timers/promises";

const LOOK_EVERY_MS = 50;

/**
 * Looks until `probe` gives something other than `undefined` or `false`, and returns that.
 * A probe that throws has not succeeded yet; what it threw last is told when time is up.
 */
export async function until<T>(
  what: string,
  probe: () => T | Promise<T>,
  withinMs = 30_000,
): Promise<Exclude<T, false | undefined>> {
  const end = performance.now() + withinMs;
  let last: unknown = "nothing";
  for (;;) {
    try {
      const found = await probe();
      if (found !== undefined && found !== false) {
        return found as Exclude<T, false | undefined>;
      }
      last = found;
    } catch (error) {
      last = error;
    }
    if (performance.now() > end) {
      throw new AssertionError({ message: `after ${withinMs} ms still not: ${what} (${last})` });
    }
    await pause(LOOK_EVERY_MS);
  }
}

/** Looks all the time for as long as told, and fails at once where `holds` does not. */
export async function throughout(
  what: string,
  forMs: number,
  holds: () => boolean | Promise<boolean>,
): Promise<void> {
  const began = performance.now();
  for (;;) {
    const since = Math.round(performance.now() - began);
    if (!(await holds())) {
      throw new AssertionError({ message: `after ${since} ms no longer: ${what}` });
    }
    if (since > forMs) {
      return;
    }
    await pause(LOOK_EVERY_MS);
  }
}
