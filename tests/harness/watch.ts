/**
 * What a story sees of a page's media, independent of the page's own words about it: every
 * `RTCPeerConnection` that the page makes is kept, its offers counted, its statistics read.
 */

import type { Page } from "playwright-core";

/** How many bytes, packets and frames came in one of the nine receiving lines. */
export type Line = {
  readonly packets: number;
  /** Frames decoded, of video; 0 for sound. */
  readonly frames: number;
  /** Samples given to the loudspeaker, of sound; 0 for video. */
  readonly emitted: number;
};

/** What arrived from the person in one slot. */
export type Slot = { readonly audio: Line; readonly camera: Line; readonly screen: Line };

/** One peer connection's negotiation. */
export type Negotiation = { readonly offers: number; readonly restarts: number };

declare global {
  interface Window {
    journey: { readonly peers: { connection: RTCPeerConnection; offers: string[] }[] };
  }
}

/** The camera's size in stories: four pages of it keep their rate on two cores. */
const CAMERA = { width: 320, height: 180, frameRate: 15 };

/** Prepares a page, before any of its own scripts run. */
export async function watch(page: Page): Promise<void> {
  await page.addInitScript(install, CAMERA);
}

/** Runs in the page. */
function install(camera: { width: number; height: number; frameRate: number }): void {
  const peers: { connection: RTCPeerConnection; offers: string[] }[] = [];
  Object.defineProperty(window, "journey", { value: { peers } });

  class Watched extends RTCPeerConnection {
    readonly #offers: string[] = [];

    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      peers.push({ connection: this, offers: this.#offers });
    }

    // biome-ignore lint/suspicious/noExplicitAny: the overloads of the browser's own method
    override async setLocalDescription(description?: any): Promise<void> {
      await super.setLocalDescription(description);
      if (this.localDescription?.type === "offer") {
        this.#offers.push(this.localDescription.sdp);
      }
    }
  }
  window.RTCPeerConnection = Watched;

  const devices = navigator.mediaDevices;
  const ask = devices?.getUserMedia.bind(devices);
  if (ask) {
    devices.getUserMedia = (wanted) => {
      const video = wanted?.video;
      if (!video) {
        return ask(wanted);
      }
      return ask({ ...wanted, video: { ...(video === true ? {} : video), ...camera } });
    };
  }
}

/** What has arrived so far on the newest peer connection, for each slot; `undefined` before one. */
export function mediaOf(page: Page): Promise<Slot[] | undefined> {
  return page.evaluate(readMedia);
}

/** Runs in the page. */
async function readMedia(): Promise<Slot[] | undefined> {
  const newest = window.journey.peers.findLast(
    ({ connection }) => connection.connectionState !== "closed",
  );
  const lines = newest?.connection.getTransceivers() ?? [];
  if (lines.length < 12) {
    return undefined;
  }
  const read = async (index: number): Promise<Line> => {
    let packets = 0;
    let frames = 0;
    let emitted = 0;
    for (const report of (await lines[index]?.receiver.getStats())?.values() ?? []) {
      if (report.type === "inbound-rtp") {
        packets += report.packetsReceived ?? 0;
        frames += report.framesDecoded ?? 0;
        emitted += report.jitterBufferEmittedCount ?? 0;
      }
    }
    return {
      packets,
      frames,
      emitted: lines[index]?.receiver.track.kind === "audio" ? emitted : 0,
    };
  };
  const slot = async (first: number): Promise<Slot> => ({
    audio: await read(first),
    camera: await read(first + 1),
    screen: await read(first + 2),
  });
  return Promise.all([slot(3), slot(6), slot(9)]);
}

/** The negotiations of every peer connection the page has made since it was loaded. */
export function negotiationsOf(page: Page): Promise<Negotiation[]> {
  return page.evaluate(() =>
    window.journey.peers.map(({ offers }) => {
      const users = offers.map((offer) => /a=ice-ufrag:(\S+)/.exec(offer)?.[1]);
      const restarts = users.filter((user, index) => index > 0 && user !== users[index - 1]).length;
      return { offers: offers.length, restarts };
    }),
  );
}
