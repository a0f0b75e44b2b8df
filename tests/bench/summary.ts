/** Many measurements in a few figures. */

import assert from "node:assert/strict";

/** The figure below which so large a share of all is. */
export function quantile(measured: readonly number[], share: number): number {
  const sorted = measured.toSorted((one, other) => one - other);
  const value = sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)];
  assert.ok(value !== undefined, "nothing was measured");
  return value;
}

/** Milliseconds. */
export function summary(measured: readonly number[]) {
  return {
    count: measured.length,
    median_ms: Math.round(quantile(measured, 0.5)),
    p95_ms: Math.round(quantile(measured, 0.95)),
    max_ms: Math.round(quantile(measured, 1)),
  };
}

/** As it is printed where a millisecond is much. */
export function tenths(ms: number): number {
  return Math.round(ms * 10) / 10;
}
