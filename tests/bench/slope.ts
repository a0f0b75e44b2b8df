/** A line through measurements, and how sure it is. */

import assert from "node:assert/strict";

export type Line = { readonly slope: number; readonly error: number };

/** In how many pieces a series is looked at: what follows closely upon another is not a measurement of its own. */
const PIECES = 12;

/** The slope of measurements taken every `step`, by least squares of the means of pieces, and its standard error. */
export function slope(measured: readonly number[], step: number): Line {
  const size = Math.floor(measured.length / PIECES);
  assert.ok(size > 0, "too little was measured");
  const means = Array.from({ length: PIECES }, (_, piece) => {
    const all = measured.slice(piece * size, (piece + 1) * size);
    return all.reduce((sum, one) => sum + one, 0) / size;
  });
  const middle = (PIECES - 1) / 2;
  const mean = means.reduce((sum, one) => sum + one, 0) / PIECES;
  const spread = means.reduce((sum, _, piece) => sum + (piece - middle) ** 2, 0);
  const each = means.reduce((sum, one, piece) => sum + (piece - middle) * (one - mean), 0) / spread;
  const squares = means.reduce(
    (sum, one, piece) => sum + (one - mean - each * (piece - middle)) ** 2,
    0,
  );
  const error = Math.sqrt(squares / (PIECES - 2) / spread);
  const length = size * step;
  return { slope: each / length, error: error / length };
}
