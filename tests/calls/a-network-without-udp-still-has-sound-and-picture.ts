/** NET-1: where a network lets no UDP through, media goes over TCP to the same port. */

import assert from "node:assert/strict";
import { untilAllSeeAndHear } from "../harness/progress.ts";
import { routeOf } from "../harness/route.ts";
import { story } from "../harness/story.ts";
import { until } from "../harness/until.ts";

story("a network without UDP still has sound and picture", async (stage) => {
  const walled = await stage.arrives(0, {}, "chromium-without-udp");
  await walled.join();
  const free = await stage.arrives(1);
  await free.join();
  await untilAllSeeAndHear([walled, free]);
  await until("UDP is used where there is some, and TCP where there is none", async () => {
    const routes = await Promise.all([walled, free].map(({ page }) => routeOf(page)));
    const ways = routes.map(({ protocol, type }) => `${protocol} ${type}`);
    assert.deepEqual(ways, ["tcp host", "udp host"]);
    return true;
  });
});
