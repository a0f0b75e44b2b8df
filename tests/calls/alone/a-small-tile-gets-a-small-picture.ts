/** NET-2: a camera comes in layers, each reader gets the one that fits, and no more are sent. */

import assert from "node:assert/strict";
import { story } from "../../harness/story.ts";
import { until } from "../../harness/until.ts";
import { heightReceived, layersSent } from "../../harness/watch.ts";

const LARGE = { width: 1280, height: 900 };
const SMALL = { width: 360, height: 480 };

story(
  "a small tile gets a small picture",
  async (stage) => {
    const [sender, reader] = await stage.seats([0, 3]);
    assert.ok(sender && reader);
    await reader.page.setViewportSize(LARGE);
    // A browser that is short of time sends less by itself: what is received is held against what
    // is sent at that moment.
    const hasLargest = async () => {
      const { l2 } = await layersSent(sender.page);
      const height = await heightReceived(reader.page, 0);
      return l2 !== undefined && l2 > 0 && height >= l2;
    };
    await until("the reader has the largest layer", hasLargest, 60_000);

    await reader.page.setViewportSize(SMALL);
    await until("the largest is no longer sent", async () => {
      const { l2 } = await layersSent(sender.page);
      return l2 === undefined;
    });
    await until("it has a smaller one", async () => {
      const height = await heightReceived(reader.page, 0);
      const heights = Object.values(await layersSent(sender.page));
      return height > 0 && height <= Math.max(...heights);
    });

    await reader.page.setViewportSize(LARGE);
    // The browser grows into it as it did at first.
    await until("the largest is back", hasLargest, 60_000);
  },
  {
    prepare: async (context) => {
      await context.addInitScript(() => {
        window.journey.camera = { width: 1280, height: 720, frameRate: 10 };
      });
    },
  },
);
