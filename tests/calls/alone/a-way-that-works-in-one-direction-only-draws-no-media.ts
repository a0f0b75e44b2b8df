/**
 * NET-1: a network lets UDP out and no answer in. A browser that nominates with every check
 * (Firefox) still has sound and picture, over TCP, without gaps.
 */

import assert from "node:assert/strict";
import { Network } from "../../harness/network.ts";
import { untilAllSeeAndHear } from "../../harness/progress.ts";
import { story } from "../../harness/story.ts";
import { PERFECT } from "../../harness/udp-relay.ts";
import { throughout, until } from "../../harness/until.ts";

const LOOKED_AT_FOR_MS = 10_000;

/** The longest that nothing more of somebody may come: a browser tells its figures now and then. */
const GAP_MS = 1_000;

for (const engine of ["firefox", "chromium"] as const) {
  story(`UDP that goes out and never comes back: ${engine}`, async (stage) => {
    const network = new Network({ down: { ...PERFECT, loss: 1 }, keepsTcp: true });
    stage.afterwards(() => network.close());
    const other = await stage.arrives(1);
    await other.join();
    const prepare = (context: Parameters<Network["carries"]>[0]) => network.carries(context);
    const deaf = await stage.arrives(0, { prepare }, engine);
    await deaf.join();
    await untilAllSeeAndHear([deaf, other]);
    const slot = await deaf.slotOf(other.name);
    const came = async () => {
      const line = (await deaf.media())?.[slot];
      return [line?.audio.packets ?? 0, line?.camera.frames ?? 0] as const;
    };
    await until("pictures are decoded", async () => (await came())[1] > 0);
    let last = await came();
    const since = [performance.now(), performance.now()];
    await throughout("sound and picture go on", LOOKED_AT_FOR_MS, async () => {
      const now = await came();
      now.forEach((count, kind) => {
        if (count > (last[kind] ?? 0)) {
          since[kind] = performance.now();
        }
      });
      last = now;
      return since.every((at) => performance.now() - at < GAP_MS);
    });
    assert.ok(network.relay.up.carried > 0, "it did try UDP");
    assert.equal(network.relay.down.carried, 0);
    // The server asks by that way whether it may send, and hears nothing.
    assert.ok(network.relay.down.lost < 200, `${network.relay.down.lost} datagrams went in vain`);
    assert.equal(network.relay.streams.size, 0, "media went by a way that is not heard");
  });
}
