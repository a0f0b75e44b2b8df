/** SESS-4, CALL-5: for a reload, and for a page that is closed. */

import assert from "node:assert/strict";
import { assertUndisturbed } from "../harness/others.ts";
import { untilAllSeeAndHear } from "../harness/progress.ts";
import { story } from "../harness/story.ts";

/** How long a lost connection keeps its seat. */
const GRACE_MS = 30_000;

story("a reload resumes the same seat and evicts nobody", async (stage) => {
  const [reloading, ...others] = await stage.seats([0, 1, 2]);
  assert.ok(reloading);
  await untilAllSeeAndHear([reloading, ...others]);
  const before = Date.now();

  await reloading.page.reload();
  await reloading.untilState("call");

  await untilAllSeeAndHear([reloading, ...others]);
  await assertUndisturbed(others, before);
});

story(
  "whoever closes the page has left in moments, in both browsers",
  async (stage) => {
    const [staying, one] = await stage.seats([1, 0]);
    const other = await stage.arrives(2, {}, "firefox");
    assert.ok(staying && one);
    await other.join();
    await staying.untilWith([staying.name, one.name, other.name]);
    for (const closing of [one, other]) {
      const closed = performance.now();
      // As a person closes a tab: the page is told.
      await closing.page.close({ runBeforeUnload: true });
      const said = staying.page.getByRole("status").getByText(`${closing.name} has left`);
      await said.first().waitFor({ state: "attached" });
      const kept = performance.now() - closed;
      assert.ok(kept < GRACE_MS, `the seat was kept for ${kept} ms`);
    }
  },
  // Long enough that nothing else would have ended it.
  { settings: { HOMEROOM__CALLS__CLOSED_GRACE_S: "2" } },
);

story("a reload in the queue keeps the place", async (stage) => {
  const [leaver] = await stage.seats([0, 1, 2, 3]);
  const fifth = await stage.arrives(4);
  await fifth.press("Join");
  await fifth.untilState("queued");
  await fifth.page.reload();
  await fifth.untilState("queued");
  await leaver?.press("Leave");
  await fifth.untilState("call");
});
