/** Waiting: for a condition, never for a time. */

import { AssertionError } from "node:assert";
import type { ChildProcess } from "node:child_process";
import { setTimeout as pause } from "node:timers/promises";

const LOOK_EVERY_MS = 50;

/** What is waited for can no longer come. */
export class Hopeless extends Error {}

/**
 * Looks until `probe` gives something other than `undefined` or `false`, and returns that.
 * A probe that throws has not succeeded yet, unless it is `Hopeless`; what it threw last is told when
 * time is up.
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
      if (error instanceof Hopeless) {
        throw error;
      }
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

/** Where a program is waited for: fails at once if it has ended, with what it said. */
export function assertRuns(process: ChildProcess, said: string): void {
  if (process.exitCode !== null || process.signalCode !== null) {
    throw new Hopeless(`${process.spawnfile} ended: ${said}`);
  }
}
