/** OPS-10: where the server has lost a connection, its page hears so and makes another at once. */

import assert from "node:assert/strict";
import type { BrowserContext, WebSocketRoute } from "playwright-core";
import { assertUndisturbed } from "../harness/others.ts";
import { untilAllSeeAndHear } from "../harness/progress.ts";
import { story } from "../harness/story.ts";
import { until } from "../harness/until.ts";
import { negotiationsOf } from "../harness/watch.ts";

story(
  "a connection that is gone is made anew, on the same seat and the same socket",
  async (stage) => {
    const sockets: WebSocketRoute[] = [];
    const prepare = (context: BrowserContext) =>
      context.routeWebSocket(/\/api\/v1\/socket/, (socket) => {
        socket.connectToServer();
        sockets.push(socket);
      });
    const others = await stage.seats([1, 2]);
    const one = await stage.arrives(0, { prepare });
    await one.join();
    await untilAllSeeAndHear([one, ...others]);
    const before = Date.now();
    const slots = await Promise.all(others.map(({ name }) => one.slotOf(name)));

    const used = sockets.length;
    sockets.at(-1)?.send(JSON.stringify({ type: "notice", notice: { type: "connection_gone" } }));
    await until("a second connection", async () => (await negotiationsOf(one.page)).length === 2);
    await untilAllSeeAndHear([one, ...others]);
    const negotiations = await negotiationsOf(one.page);
    assert.equal(negotiations[0]?.restarts, 0, "no restart in vain");
    assert.equal(sockets.length, used, "by the socket it had");
    assert.deepEqual(await Promise.all(others.map(({ name }) => one.slotOf(name))), slots);
    await assertUndisturbed(others, before);
  },
);
