/** What a page receives from one person, by the browser's own statistics (webrtc-stats). */

import type { Page } from "playwright-core";

/** One look. Counts are since the connection began. */
export type Look = {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly sound: {
    readonly received: number;
    readonly lost: number;
    readonly samples: number;
    /** Samples made up for want of any. */
    readonly concealed: number;
  };
  readonly picture: {
    readonly ssrc: number;
    readonly repairSsrc: number | null;
    readonly received: number;
    readonly frames: number;
    readonly height: number;
    readonly bytes: number;
  };
  /** The longest time between two frames since the look before, ms. */
  readonly pause: number;
};

declare global {
  interface Window {
    frameTimes: { last: number; longest: number };
  }
}

/** Begins to time the frames that come from the person in `slot`. */
export function timeFrames(page: Page, slot: number): Promise<void> {
  return page.evaluate((slot) => {
    const connection = window.journey.peers.at(-1)?.connection;
    const track = connection?.getTransceivers()[4 + 3 * slot]?.receiver.track;
    window.frameTimes = { last: performance.now(), longest: 0 };
    const video = document.createElement("video");
    video.muted = true;
    video.srcObject = track ? new MediaStream([track]) : null;
    video.style.cssText = "position:fixed;bottom:0;right:0;width:64px;height:36px";
    document.body.append(video);
    void video.play();
    const came = () => {
      const now = performance.now();
      window.frameTimes.longest = Math.max(window.frameTimes.longest, now - window.frameTimes.last);
      window.frameTimes.last = now;
      video.requestVideoFrameCallback(came);
    };
    video.requestVideoFrameCallback(came);
  }, slot);
}

/** Looks at what has come from the person in `slot`. */
export function lookAt(page: Page, slot: number): Promise<Look> {
  return page.evaluate(async (slot) => {
    const lines = window.journey.peers.at(-1)?.connection.getTransceivers() ?? [];
    const inbound = async (index: number) => {
      const stats = await lines[index]?.receiver.getStats();
      let found: RTCInboundRtpStreamStats | undefined;
      stats?.forEach((entry: RTCInboundRtpStreamStats) => {
        found = entry.type === "inbound-rtp" ? entry : found;
      });
      return found;
    };
    const sound = await inbound(3 + 3 * slot);
    const picture = (await inbound(4 + 3 * slot)) as
      | (RTCInboundRtpStreamStats & { readonly rtxSsrc?: number })
      | undefined;
    const now = performance.now();
    const pause = Math.max(window.frameTimes.longest, now - window.frameTimes.last);
    window.frameTimes.longest = 0;
    return {
      at: performance.timeOrigin + now,
      sound: {
        received: sound?.packetsReceived ?? 0,
        lost: sound?.packetsLost ?? 0,
        samples: sound?.totalSamplesReceived ?? 0,
        concealed: (sound?.concealedSamples ?? 0) - (sound?.silentConcealedSamples ?? 0),
      },
      picture: {
        ssrc: picture?.ssrc ?? 0,
        repairSsrc: picture?.rtxSsrc ?? null,
        received: picture?.packetsReceived ?? 0,
        frames: picture?.framesDecoded ?? 0,
        height: picture?.frameHeight ?? 0,
        bytes: picture?.bytesReceived ?? 0,
      },
      pause,
    };
  }, slot);
}

/** Looks twice a second for so long. */
export async function watchFor(page: Page, slot: number, seconds: number): Promise<Look[]> {
  const looks = [await lookAt(page, slot)];
  const until = Date.now() + seconds * 1_000;
  while (Date.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, 500));
    looks.push(await lookAt(page, slot));
  }
  return looks;
}
