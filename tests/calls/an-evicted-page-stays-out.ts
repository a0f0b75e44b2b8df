/** SESS-3: an evicted page never reconnects by itself. */

import assert from "node:assert/strict";
import { untilAllSeeAndHear, untilSeesAndHears } from "../harness/progress.ts";
import { story } from "../harness/story.ts";
import { throughout } from "../harness/until.ts";

/** Twice as long as a page that wants to come back ever waits before it tries again, and more. */
const A_WHILE_MS = 20_000;

story("an evicted page stays out, and comes back when asked to", async (stage) => {
  const [here, other] = await stage.seats([0, 1]);
  assert.ok(here && other);
  const there = await stage.arrives(0);
  await there.join();
  await here.untilState("evicted");
  await untilAllSeeAndHear([there, other]);

  await throughout("the evicted page is out and the other in", A_WHILE_MS, async () => {
    const [out, seated] = await Promise.all([here.state(), there.state()]);
    return out === "evicted" && seated === "call";
  });
  await untilSeesAndHears(other, [there.name]);

  await here.press("Use it here instead");
  await here.untilState("call");
  await there.untilState("evicted");
  await untilAllSeeAndHear([here, other]);
});
