/** NET-2: one stream that holds several layers is thinned for each reader, as several streams are. */

import assert from "node:assert/strict";
import type { BrowserContext } from "playwright-core";
import { lookAt, timeFrames } from "../../bench/reception.ts";
import type { Stage } from "../../harness/stage.ts";
import { story } from "../../harness/story.ts";
import { throughout, until } from "../../harness/until.ts";
import type { Visitor } from "../../harness/visitor.ts";
import { heightReceived, heightSent, scalabilityOf } from "../../harness/watch.ts";

const LARGE = { width: 1280, height: 900 };
const SMALL = { width: 360, height: 480 };

/** How long a picture is watched for pauses, and the longest that may be. */
const WATCHED_MS = 5_000;
const LONGEST_PAUSE_MS = 500;

/** What is sent: in which codec, in which layers, of a camera with so many lines. */
type Sent = { readonly codec: string; readonly mode: string; readonly height: number };

/** Has the page send its camera in this codec alone, in one stream of these layers. */
async function sendsLayers(context: BrowserContext, sent: Sent): Promise<void> {
  await context.addInitScript(({ codec, mode, height }) => {
    window.journey.camera = { width: (height * 16) / 9, height, frameRate: 15 };
    const prototype = RTCPeerConnection.prototype;
    const add = prototype.addTransceiver;
    prototype.addTransceiver = function (kind, init) {
      if ((init?.sendEncodings?.length ?? 0) < 2) {
        return add.call(this, kind, init);
      }
      const sendEncodings = [{ scalabilityMode: mode, maxBitrate: 1_500_000 }];
      const transceiver = add.call(this, kind, { ...init, sendEncodings });
      const prefer = transceiver.setCodecPreferences.bind(transceiver);
      transceiver.setCodecPreferences = (codecs) =>
        prefer([...codecs].filter(({ mimeType }) => [codec, "video/rtx"].includes(mimeType)));
      return transceiver;
    };
  }, sent);
}

/** Watches what each of them decodes of the person in slot 0: it goes on, without a pause. */
async function allGoOn(readers: readonly Visitor[]): Promise<void> {
  const before = await Promise.all(readers.map(({ page }) => lookAt(page, 0)));
  await throughout("no picture pauses", WATCHED_MS, async () => {
    const looks = await Promise.all(readers.map(({ page }) => lookAt(page, 0)));
    return looks.every(({ pause }) => pause < LONGEST_PAUSE_MS);
  });
  const after = await Promise.all(readers.map(({ page }) => lookAt(page, 0)));
  for (const [index, { picture }] of after.entries()) {
    const frames = picture.frames - (before[index]?.picture.frames ?? 0);
    assert.ok(frames > WATCHED_MS / 1_000, `${frames} frames in ${WATCHED_MS} ms`);
  }
}

/** How many lines the large tile needs, and the small one does not. */
const LINES = 360;

/** What is received beside the largest that is sent: a browser short of time sends less by itself. */
type Fits = (received: number, sent: number) => boolean;

const isLarge: Fits = (received, sent) => received >= Math.min(LINES, sent);

const isSmall: Fits = (received, sent) => received > 0 && received < Math.min(LINES, sent);

/** Whether this is so of all of them now. */
async function allHave(sender: Visitor, readers: readonly Visitor[], fits: Fits): Promise<boolean> {
  const sent = await heightSent(sender.page);
  const received = await Promise.all(readers.map(({ page }) => heightReceived(page, 0)));
  return received.every((height) => fits(height, sent));
}

async function tell(stage: Stage, mode: string): Promise<void> {
  const [sender, wide, narrow] = await stage.seats([0, 1, 3]);
  assert.ok(sender && wide && narrow);
  const readers = [wide, narrow];
  for (const { page } of readers) {
    await page.setViewportSize(LARGE);
  }
  await until("it is sent in such layers", async () => {
    assert.equal(await scalabilityOf(sender.page), mode);
    return true;
  });
  await until(
    "both have a large picture",
    async () =>
      (await heightSent(sender.page)) >= LINES && (await allHave(sender, readers, isLarge)),
    60_000,
  );

  await narrow.page.setViewportSize(SMALL);
  await until("one has a smaller one", () => allHave(sender, [narrow], isSmall));
  for (const { page } of readers) {
    await timeFrames(page, 0);
  }
  await allGoOn(readers);
  await until("the other's stays as it was", () => allHave(sender, [wide], isLarge));
  await until("and so does the first's", () => allHave(sender, [narrow], isSmall));

  await wide.page.setViewportSize(SMALL);
  await until("so has the other", () => allHave(sender, readers, isSmall));
  for (const { page } of readers) {
    await page.setViewportSize(LARGE);
  }
  await until("both are back", () => allHave(sender, readers, isLarge));
  await allGoOn(readers);
}

// To encode AV1 without special hardware takes a good part of a core.
for (const sent of [
  { codec: "video/VP9", mode: "L3T3_KEY", height: 720 },
  { codec: "video/AV1", mode: "L2T3_KEY", height: 360 },
]) {
  story(
    `layers within one stream of ${sent.codec} are chosen too`,
    async (stage) => tell(stage, sent.mode),
    {
      prepare: async (context, index) => {
        if (index === 0) {
          await sendsLayers(context, sent);
        }
      },
    },
  );
}
