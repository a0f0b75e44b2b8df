/** SESS-4, for a reload. */

import assert from "node:assert/strict";
import { assertUndisturbed } from "../harness/others.ts";
import { untilAllSeeAndHear } from "../harness/progress.ts";
import { story } from "../harness/story.ts";

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
