/** SESS-1, SESS-4: a duplicated tab copies `sessionStorage`, and with it the resume secret. */

import assert from "node:assert/strict";
import { assertUndisturbed } from "../harness/others.ts";
import { untilAllSeeAndHear } from "../harness/progress.ts";
import { story } from "../harness/story.ts";
import { throughout, until } from "../harness/until.ts";

const WATCHED_MS = 10_000;

story("a duplicated tab does not fork the session", async (stage) => {
  const [original, other] = await stage.seats([0, 1]);
  assert.ok(original && other);
  const before = Date.now();

  const copy = await original.duplicateTab();
  const tabs = [original, copy];
  const states = () => Promise.all(tabs.map((tab) => tab.state()));
  await until("one tab is in the call and the other has heard the last word", async () => {
    assert.deepEqual((await states()).toSorted(), ["call", "evicted"]);
    return true;
  });
  const settled = await states();
  await throughout("it stays so", WATCHED_MS, async () => {
    const now = await states();
    return now.every((state, index) => state === settled[index]);
  });

  const winner = tabs[settled.indexOf("call")];
  assert.ok(winner);
  await untilAllSeeAndHear([winner, other]);
  await assertUndisturbed([other], before);
});
