// When to try again after a lost connection.

/** Often enough for as long as a seat is kept: a program that begins again finds everybody soon. */
const SCHEDULE_MS = [0, 300, 1200, ...Array.from({ length: 15 }, () => 2_000), 4800, 7000] as const;
/** The first delay that is spread, so that a school does not come back in one instant. */
const JITTER_FROM = 2;
/** How far a delay may move, to either side. */
const JITTER = 0.25;

/** The delay before attempt number `tries` (the first is 0), and the next seed. */
export function delay(tries: number, seed: number): { ms: number; seed: number } {
  const ms = SCHEDULE_MS[Math.min(tries, SCHEDULE_MS.length - 1)] ?? 7000;
  if (tries < JITTER_FROM) {
    return { ms, seed };
  }
  const next = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
  const chance = next / 2 ** 32;
  return { ms: Math.round(ms * (1 - JITTER + 2 * JITTER * chance)), seed: next };
}
