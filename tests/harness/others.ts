/** What the others see of somebody's trouble. */

import assert from "node:assert/strict";
import type { Visitor } from "./visitor.ts";
import { momentsOf } from "./watch.ts";

/**
 * Fails unless, ever since, these pages were in the call with the same people in the same slots:
 * that somebody is reconnecting is all they may have seen.
 */
export async function assertUndisturbed(
  visitors: readonly Visitor[],
  since: number,
): Promise<void> {
  for (const { name, page } of visitors) {
    const moments = await momentsOf(page);
    const first = moments.findLastIndex(({ at }) => at < since);
    assert.ok(first >= 0, "the page was watched before");
    const seen = moments.slice(first).map(({ state, people }) => ({
      state,
      people: people.map(({ participant, slot }) => `${participant} in ${slot}`).toSorted(),
    }));
    for (const moment of seen) {
      assert.deepEqual(moment, seen[0], `${name} saw more than somebody reconnecting`);
    }
    assert.equal(seen[0]?.state, "call");
  }
}
