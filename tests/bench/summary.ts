/** Many measurements in a few figures. */

import assert from "node:assert/strict";

function quantile(sorted: readonly number[], share: number): number {
  const value = sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)];
  assert.ok(value !== undefined, "nothing was measured");
  return Math.round(value);
}

/** Milliseconds. */
export function summary(measured: readonly number[]) {
  const sorted = measured.toSorted((one, other) => one - other);
  return {
    count: sorted.length,
    median_ms: quantile(sorted, 0.5),
    p95_ms: quantile(sorted, 0.95),
    max_ms: quantile(sorted, 1),
  };
}
