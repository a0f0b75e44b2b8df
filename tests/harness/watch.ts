/**
 * What a story sees of a page beside the page's own words: every `RTCPeerConnection` that the page
 * makes is kept, its offers counted, its statistics read; and every change of what the page shows
 * is written down with its time, so that a story knows of what was there for a moment only.
 */

import assert from "node:assert/strict";
import type { BrowserContext, Page } from "playwright-core";

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

/** What the page showed from one moment on. */
export type Moment = {
  /** Milliseconds since 1970, by the one clock of all pages. */
  readonly at: number;
  readonly state: string | null;
  readonly people: readonly {
    readonly participant: string;
    readonly slot: string | null;
    readonly reconnecting: boolean;
  }[];
};

declare global {
  interface Window {
    journey: {
      /** Each with the time it was made at, milliseconds since 1970. */
      readonly peers: { connection: RTCPeerConnection; offers: string[]; made: number }[];
      readonly moments: Moment[];
      /** The camera's size, where a story wants another than usual. */
      camera?: Camera;
    };
  }
}

export type Camera = { width: number; height: number; frameRate: number };

/** The camera's size in stories: four pages of it keep their rate on two cores. */
const CAMERA: Camera = { width: 320, height: 180, frameRate: 15 };

/** Prepares all pages of a browser profile, before any of their own scripts run. */
export async function watch(context: BrowserContext): Promise<void> {
  await context.addInitScript(install);
  await context.addInitScript(writeDown);
  await useSmallCamera(context);
}

/** Has all pages of a browser profile use a small camera, whatever size they ask for. */
export async function useSmallCamera(context: BrowserContext): Promise<void> {
  await context.addInitScript(askForCamera, CAMERA);
}

/** Runs in the page. */
function writeDown(): void {
  const { moments } = window.journey;
  const look = () => {
    const state = document.querySelector("main")?.getAttribute("data-state") ?? null;
    const people = [...document.querySelectorAll("[data-participant]")].map((tile) => ({
      participant: tile.getAttribute("data-participant") ?? "",
      slot: tile.getAttribute("data-slot"),
      reconnecting: (tile.textContent ?? "").includes("Reconnecting"),
    }));
    const { at: _, ...last } = moments.at(-1) ?? { at: 0 };
    const now = { state, people };
    if (JSON.stringify(now) !== JSON.stringify(last)) {
      moments.push({ at: performance.timeOrigin + performance.now(), ...now });
    }
  };
  new MutationObserver(look).observe(document, {
    subtree: true,
    childList: true,
    characterData: true,
    attributeFilter: ["data-state", "data-participant", "data-slot"],
  });
}

/** Runs in the page. */
function install(): void {
  const peers: { connection: RTCPeerConnection; offers: string[]; made: number }[] = [];
  Object.defineProperty(window, "journey", { value: { peers, moments: [] } });

  class Watched extends RTCPeerConnection {
    readonly #offers: string[] = [];

    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      const made = performance.timeOrigin + performance.now();
      peers.push({ connection: this, offers: this.#offers, made });
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
}

/** Runs in the page. */
function askForCamera(usual: Camera): void {
  const devices = navigator.mediaDevices;
  const ask = devices?.getUserMedia.bind(devices);
  if (ask) {
    devices.getUserMedia = (wanted) => {
      const video = wanted?.video;
      if (!video) {
        return ask(wanted);
      }
      const camera = (window as Partial<Window>).journey?.camera ?? usual;
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

/** The layers of the camera that a page sends now: the height of each by its name. */
export function layersSent(page: Page): Promise<Record<string, number>> {
  return page.evaluate(async () => {
    const connection = window.journey.peers.at(-1)?.connection;
    const sent: Record<string, number> = {};
    for (const report of (await connection?.getStats())?.values() ?? []) {
      if (report.type === "outbound-rtp" && report.rid !== undefined && report.active) {
        sent[report.rid] = report.frameHeight ?? 0;
      }
    }
    return sent;
  });
}

/** How a page's camera is layered within one stream, by its sender; "" where it is not. */
export function scalabilityOf(page: Page): Promise<string> {
  return page.evaluate(async () => {
    const connection = window.journey.peers.at(-1)?.connection;
    const stats = await connection?.getTransceivers()[1]?.sender.getStats();
    for (const report of stats?.values() ?? []) {
      if (report.type === "outbound-rtp" && report.scalabilityMode !== undefined) {
        return report.scalabilityMode;
      }
    }
    return "";
  });
}

/** The height of the largest picture that a page sends of its camera now, pixels. */
export function heightSent(page: Page): Promise<number> {
  return page.evaluate(async () => {
    const connection = window.journey.peers.at(-1)?.connection;
    const stats = await connection?.getTransceivers()[1]?.sender.getStats();
    const heights = [...(stats?.values() ?? [])].map((report) =>
      report.type === "outbound-rtp" ? (report.frameHeight ?? 0) : 0,
    );
    return Math.max(0, ...heights);
  });
}

/** The height of the picture that a page decodes in a slot now, pixels. */
export function heightReceived(page: Page, slot: number): Promise<number> {
  return page.evaluate(async (slot) => {
    const connection = window.journey.peers.at(-1)?.connection;
    const receiver = connection?.getTransceivers()[4 + 3 * slot]?.receiver;
    for (const report of (await receiver?.getStats())?.values() ?? []) {
      if (report.type === "inbound-rtp") {
        return report.frameHeight ?? 0;
      }
    }
    return 0;
  }, slot);
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

/** Fails where a peer connection of this page made a second offer, an ICE restart included. */
export async function assertOneOfferEach(page: Page): Promise<void> {
  const negotiations = await negotiationsOf(page);
  assert.ok(negotiations.length > 0, "there is no peer connection");
  for (const { offers, restarts } of negotiations) {
    assert.ok(offers <= 1, `${offers} offers on one peer connection, ${restarts} of them restarts`);
  }
}

/** All that the page has shown since it was loaded. */
export function momentsOf(page: Page): Promise<Moment[]> {
  return page.evaluate(() => window.journey.moments);
}
