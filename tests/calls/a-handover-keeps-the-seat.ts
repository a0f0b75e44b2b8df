/** SCR-7: whoever walks from one network into another stays in the call, on the same seat. */

import assert from "node:assert/strict";
import { Network } from "../harness/network.ts";
import { assertUndisturbed } from "../harness/others.ts";
import { untilAllSeeAndHear } from "../harness/progress.ts";
import type { Stage } from "../harness/stage.ts";
import { story } from "../harness/story.ts";
import { until } from "../harness/until.ts";
import { negotiationsOf } from "../harness/watch.ts";

/** Three in a call, one of them by a network that can be left. */
async function oneWhoWalks(stage: Stage, network: Network) {
  stage.afterwards(() => network.close());
  const proxy = await stage.proxy();
  const others = await stage.seats([1, 2]);
  const url = proxy.through(stage.program.invitation(0).url);
  const prepare = (context: Parameters<Network["carries"]>[0]) => network.carries(context);
  const walker = await stage.arrives(0, { url, prepare });
  await walker.join();
  await untilAllSeeAndHear([walker, ...others]);
  return { proxy, walker, others };
}

story("a handover restarts ICE on the same connection and keeps the seat", async (stage) => {
  const network = new Network();
  const { proxy, walker, others } = await oneWhoWalks(stage, network);
  const before = Date.now();
  network.leave();
  proxy.cut();
  await until("it is restarted", async () => {
    return ((await negotiationsOf(walker.page))[0]?.restarts ?? 0) >= 1;
  });
  await untilAllSeeAndHear([walker, ...others]);
  const negotiations = await negotiationsOf(walker.page);
  assert.equal(negotiations.length, 1, "the connection is the first one still");
  assert.ok(network.relay.down.carried > 0, "by the other network");
  await assertUndisturbed(others, before);
});

story("where a restart does not help a fresh connection takes the same seat", async (stage) => {
  const network = new Network();
  const { proxy, walker, others } = await oneWhoWalks(stage, network);
  const before = Date.now();
  network.leave(1);
  proxy.cut();
  await until("there is a second connection", async () => {
    return (await negotiationsOf(walker.page)).length === 2;
  });
  await untilAllSeeAndHear([walker, ...others]);
  await assertUndisturbed(others, before);
});
