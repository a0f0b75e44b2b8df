/** Programs of others that stories run: where one is missing, that is the first thing said. */

import assert from "node:assert/strict";
import { accessSync, constants } from "node:fs";

/** Fails at once where this program cannot be run; `scripts/test` installs them all. */
export function assertThere(program: string): void {
  let why: unknown;
  try {
    accessSync(program, constants.X_OK);
  } catch (error) {
    why = error;
  }
  assert.equal(why, undefined, `${program} is missing; scripts/test installs it (${why})`);
}
