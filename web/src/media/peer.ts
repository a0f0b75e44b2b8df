// One peer connection: twelve transceivers in the order both sides rely on, offered once.

import type { Event } from "../session/event";
import type { PeerHealth } from "../session/state";

/** Where each kind stands among a person's three, own and received alike. */
export const KINDS = ["audio", "camera", "screen"] as const;
export type Kind = (typeof KINDS)[number];

/** How many others can be received. */
export const SLOTS = 3;

/** No simulcast yet: one camera layer that fits a quarter of a laptop's screen. */
const CAMERA_BITS_PER_SECOND = 900_000;
const SCREEN_BITS_PER_SECOND = 1_800_000;

export class Peer {
  readonly id: number;
  /** How many offers this connection has made. */
  offers = 0;
  readonly #connection: RTCPeerConnection;
  readonly #transceivers: readonly RTCRtpTransceiver[];
  readonly #report: (event: Event) => void;

  constructor(id: number, report: (event: Event) => void) {
    this.id = id;
    this.#report = report;
    this.#connection = new RTCPeerConnection({
      bundlePolicy: "max-bundle",
      rtcpMuxPolicy: "require",
      iceServers: [],
    });
    this.#transceivers = addTransceivers(this.#connection);
    this.#connection.addEventListener("connectionstatechange", () => {
      const health = healthOf(this.#connection.connectionState);
      if (health !== null) {
        report({ type: "peer_changed", peer: id, health });
      }
    });
  }

  /** Makes the offer, or one that restarts ICE. Candidates are not waited for. */
  async offer(restart: boolean): Promise<void> {
    try {
      const offer = await this.#connection.createOffer({ iceRestart: restart });
      await this.#connection.setLocalDescription(offer);
      this.offers += 1;
      this.#report({ type: "offer_made", peer: this.id, offer: offer.sdp ?? "" });
    } catch {
      this.#report({ type: "offer_failed", peer: this.id });
    }
  }

  async answer(sdp: string): Promise<void> {
    if (this.#connection.signalingState !== "have-local-offer") {
      return;
    }
    try {
      await this.#connection.setRemoteDescription({ type: "answer", sdp });
    } catch {
      this.#report({ type: "peer_changed", peer: this.id, health: "failed" });
    }
  }

  /** Sends this track as `kind`, or nothing. */
  async send(kind: Kind, track: MediaStreamTrack | null): Promise<void> {
    const sender = this.#transceivers[KINDS.indexOf(kind)]?.sender;
    if (sender === undefined || sender.track === track || this.#isClosed()) {
      return;
    }
    try {
      await sender.replaceTrack(track);
    } catch (error) {
      if (!this.#isClosed()) {
        throw error;
      }
    }
  }

  /** What arrives in a slot. The track is there from the start and stays for good. */
  received(slot: number, kind: Kind): MediaStreamTrack | null {
    return this.#transceivers[3 + 3 * slot + KINDS.indexOf(kind)]?.receiver.track ?? null;
  }

  /** The statistics, each with the index of its m-line. */
  async statistics(): Promise<{ mLine: number | null; entry: RTCStats }[]> {
    const mLines = new Map(this.#transceivers.map(({ mid }, index) => [mid, index]));
    const out: { mLine: number | null; entry: RTCStats }[] = [];
    const report = await this.#connection.getStats();
    report.forEach((entry: RTCStats & { mid?: string }) => {
      out.push({ mLine: mLines.get(entry.mid ?? null) ?? null, entry });
    });
    return out;
  }

  close(): void {
    this.#connection.close();
  }

  #isClosed(): boolean {
    return this.#connection.signalingState === "closed";
  }
}

function addTransceivers(connection: RTCPeerConnection): RTCRtpTransceiver[] {
  const sending = [
    connection.addTransceiver("audio", { direction: "sendonly" }),
    connection.addTransceiver("video", {
      direction: "sendonly",
      sendEncodings: [{ maxBitrate: CAMERA_BITS_PER_SECOND }],
    }),
    connection.addTransceiver("video", {
      direction: "sendonly",
      sendEncodings: [{ maxBitrate: SCREEN_BITS_PER_SECOND }],
    }),
  ];
  const receiving = Array.from({ length: SLOTS }, () =>
    KINDS.map((kind) =>
      connection.addTransceiver(kind === "audio" ? "audio" : "video", { direction: "recvonly" }),
    ),
  );
  return [...sending, ...receiving.flat()];
}

function healthOf(state: RTCPeerConnectionState): PeerHealth | null {
  return state === "closed" ? null : state;
}
