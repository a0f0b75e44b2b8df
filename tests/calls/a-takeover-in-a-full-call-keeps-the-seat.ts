/** SESS-1, SESS-2: the newest session of a link wins, and nobody slips in between. */

import assert from "node:assert/strict";
import { untilAllSeeAndHear } from "../harness/progress.ts";
import { story } from "../harness/story.ts";
import { untilFull } from "../harness/visitor.ts";
import { momentsOf } from "../harness/watch.ts";

story("a takeover in a full call keeps the seat and lets nobody between", async (stage) => {
  const [first, ...others] = await stage.seats([0, 1, 2, 3]);
  assert.ok(first);
  const fifth = await stage.arrives(4);
  await fifth.press("Join");
  await untilFull(fifth);
  const seatOf = async () => Promise.all(others.map((other) => other.slotOf(first.name)));
  const seat = await seatOf();

  const again = await stage.arrives(0);
  await again.join();
  await first.untilState("evicted");
  await first.untilSees(
    "Your link was opened on another device, so you have left this call. If that wasn't you, tell the person who invited you.",
  );
  await untilAllSeeAndHear([again, ...others]);

  assert.deepEqual(await seatOf(), seat, "the others receive them in the slots of before");
  await fifth.untilState("queued");
  const waiting = (await momentsOf(fifth.page)).map(({ state }) => state);
  assert.ok(!waiting.includes("call"), `the fifth went through ${waiting}`);
  for (const other of others) {
    for (const { people } of (await momentsOf(other.page)).slice(-20)) {
      assert.ok(people.length <= 4, "a fifth person, for a moment");
    }
  }
});
