/** NET-2: a browser that sends its camera in H.264 is seen by those who were there and who come later. */

import assert from "node:assert/strict";
import type { BrowserContext, Page } from "playwright-core";
import { untilAllSeeAndHear } from "../harness/progress.ts";
import { story } from "../harness/story.ts";
import { until } from "../harness/until.ts";

/** Has the page send its camera in H.264 alone. */
async function sendsH264(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    const prototype = RTCPeerConnection.prototype;
    const add = prototype.addTransceiver;
    prototype.addTransceiver = function (kind, init) {
      const transceiver = add.call(this, kind, init);
      if ((init?.sendEncodings?.length ?? 0) > 1) {
        const prefer = transceiver.setCodecPreferences.bind(transceiver);
        transceiver.setCodecPreferences = (codecs) =>
          prefer([...codecs].filter(({ mimeType }) => /h264|rtx/i.test(mimeType)));
      }
      return transceiver;
    };
  });
}

/** The codec in which the camera in slot 0 comes. */
function codecReceived(page: Page): Promise<string | undefined> {
  return page.evaluate(async () => {
    const connection = window.journey.peers.at(-1)?.connection;
    const stats = await connection?.getTransceivers()[4]?.receiver.getStats();
    const reports = [...(stats?.values() ?? [])];
    const inbound = reports.find(({ type }) => type === "inbound-rtp");
    return reports.find(({ id }) => id === inbound?.codecId)?.mimeType;
  });
}

story(
  "H.264 of one is seen by everybody",
  async (stage) => {
    const [sender, reader] = await stage.seats([0, 1]);
    assert.ok(sender && reader);
    await untilAllSeeAndHear([sender, reader]);
    const later = await stage.arrives(3);
    await later.join();
    await untilAllSeeAndHear([sender, reader, later]);
    for (const { page } of [reader, later]) {
      await until("it is H.264", async () => (await codecReceived(page)) === "video/H264");
    }
    await later.page.reload();
    await later.untilState("call");
    await untilAllSeeAndHear([sender, reader, later]);
  },
  {
    prepare: async (context, index) => {
      if (index === 0) {
        await sendsH264(context);
      }
    },
  },
);
