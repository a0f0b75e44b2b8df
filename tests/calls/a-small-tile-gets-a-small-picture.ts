/** NET-2: a camera comes in layers, each reader gets the one that fits, and no more are sent. */

import assert from "node:assert/strict";
import { story } from "../harness/story.ts";
import { until } from "../harness/until.ts";
import { heightReceived, layersSent } from "../harness/watch.ts";

const LARGE = { width: 1280, height: 900 };
const SMALL = { width: 360, height: 480 };

story(
  "a small tile gets a small picture",
  async (stage) => {
    const [sender, reader] = await stage.seats([0, 3]);
    assert.ok(sender && reader);
    await reader.page.setViewportSize(LARGE);
    const whole = await until(
      "the reader has the largest layer",
      async () => {
        // One that is only about to be sent has no height yet.
        const heights = Object.values(await layersSent(sender.page)).filter((height) => height > 0);
        const height = await heightReceived(reader.page, 0);
        return heights.length > 1 && height >= Math.max(...heights) && height;
      },
      60_000,
    );

    await reader.page.setViewportSize(SMALL);
    await until("it has a smaller one", async () => {
      const height = await heightReceived(reader.page, 0);
      return height > 0 && height <= whole / 2;
    });
    await until("the largest is no longer sent", async () => {
      const { l2 } = await layersSent(sender.page);
      return l2 === undefined;
    });

    await reader.page.setViewportSize(LARGE);
    await until("the largest is back", async () => {
      const height = await heightReceived(reader.page, 0);
      return height >= whole;
    });
  },
  {
    prepare: async (context) => {
      await context.addInitScript(() => {
        window.journey.camera = { width: 1280, height: 720, frameRate: 10 };
      });
    },
  },
);
