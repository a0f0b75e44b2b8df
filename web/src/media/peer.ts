// One peer connection: twelve transceivers in the order both sides rely on, offered once.

import type { Event } from "../session/event";
import type { PeerHealth } from "../session/state";
import type { RelayAccess } from "../wire/messages";
import { afterDrawn } from "./after-drawn";
import { encodings, layersOffered, shape } from "./layers";
import { bytesReceived, LOOK_MS, Silence } from "./silence";

/** Where each kind stands among a person's three, own and received alike. */
export const KINDS = ["audio", "camera", "screen"] as const;
export type Kind = (typeof KINDS)[number];

/** How many others can be received. */
export const SLOTS = 3;

/** How many layers of the camera anybody watches, until the server says otherwise. */
const ALL_LAYERS = 3;

function encodingsOf(kind: Kind): RTCRtpEncodingParameters[] {
  switch (kind) {
    case "audio":
      return [{}];
    case "camera":
      return encodings(layersOffered());
    case "screen":
      return [{ maxBitrate: 1_800_000 }];
  }
}

export class Peer {
  readonly id: number;
  /** How many offers this connection has made. */
  offers = 0;
  readonly #connection: RTCPeerConnection;
  readonly #transceivers: readonly RTCRtpTransceiver[];
  readonly #report: (event: Event) => void;
  #watched = ALL_LAYERS;
  /** Parameters are read and set one after another, or the browser refuses them. */
  #shaping: Promise<void> = Promise.resolve();
  readonly #silence = new Silence();
  readonly #listening: ReturnType<typeof setInterval>;
  /** Whether it was reported broken because nothing arrives. */
  #isSilent = false;
  #isEnded = false;
  #isEarly = false;

  /** Goes by `relay` where there is no other way: the browser ranks it last. */
  constructor(id: number, report: (event: Event) => void, relay: RelayAccess | null) {
    this.id = id;
    this.#report = report;
    this.#connection = new RTCPeerConnection({
      bundlePolicy: "max-bundle",
      rtcpMuxPolicy: "require",
      iceServers: relay === null ? [] : [{ ...relay }],
    });
    this.#transceivers = addTransceivers(this.#connection);
    this.#connection.addEventListener("connectionstatechange", () => {
      const health = healthOf(this.#connection.connectionState);
      if (health !== null && !this.#isEnded) {
        this.#isSilent = false;
        report({ type: "peer_changed", peer: id, health });
      }
    });
    this.#listening = setInterval(() => void this.#listen(), LOOK_MS);
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
      if (kind === "camera") {
        this.#shapeCamera();
      }
    } catch (error) {
      if (!this.#isClosed()) {
        throw error;
      }
    }
  }

  /** Before the seat nothing arrives, and that says nothing of the connection. */
  setEarly(isEarly: boolean): void {
    this.#isEarly = isEarly;
  }

  /** Sends no more than so many layers of the camera. */
  limitLayers(layers: number): void {
    this.#watched = layers;
    this.#shapeCamera();
  }

  /** Sends those layers that suit the camera's picture and that somebody watches. */
  #shapeCamera(): void {
    const sender = this.#transceivers[KINDS.indexOf("camera")]?.sender;
    this.#shaping = this.#shaping.then(async () => {
      const { width, height } = sender?.track?.getSettings() ?? {};
      if (sender === undefined || width === undefined || height === undefined) {
        return;
      }
      const parameters = sender.getParameters();
      shape(parameters.encodings, Math.min(width, height), this.#watched);
      // A connection that was closed meanwhile sends nothing anyway.
      await sender.setParameters(parameters).catch(() => undefined);
    });
  }

  /** What arrives in a slot. The track is there from the start and stays for good. */
  received(slot: number, kind: Kind): MediaStreamTrack | null {
    return this.#transceivers[3 + 3 * slot + KINDS.indexOf(kind)]?.receiver.track ?? null;
  }

  /** When something last came in a slot, by the browser's own stamp; `null` where it does not say. */
  cameAt(slot: number, kind: Kind): number | null {
    const receiver = this.#transceivers[3 + 3 * slot + KINDS.indexOf(kind)]?.receiver;
    const stamps = (receiver?.getSynchronizationSources?.() ?? []).map(
      ({ timestamp }) => timestamp,
    );
    return stamps.length === 0 ? null : Math.max(...stamps);
  }

  /** How loud what is heard in a slot is now, as the browser says it: 0 to 1, and 0 where it does not. */
  levelAt(slot: number): number {
    const receiver = this.#transceivers[3 + 3 * slot + KINDS.indexOf("audio")]?.receiver;
    const sources = receiver?.getSynchronizationSources?.() ?? [];
    return Math.max(0, ...sources.map(({ audioLevel }) => audioLevel ?? 0));
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

  /** Ends it: nothing more is told of it, and it is taken down. */
  close(): void {
    clearInterval(this.#listening);
    this.#isEnded = true;
    afterDrawn(() => this.#connection.close());
  }

  /** A connection on which nothing arrives is broken, whatever the browser still calls it. */
  async #listen(): Promise<void> {
    if (this.#connection.connectionState !== "connected" || this.#isEarly) {
      return;
    }
    const bytes = await bytesReceived(this.#connection);
    const silent = bytes !== null && this.#silence.hears(bytes, performance.now());
    if (silent !== this.#isSilent && this.#connection.connectionState === "connected") {
      this.#isSilent = silent;
      const health = silent ? "disconnected" : "connected";
      this.#report({ type: "peer_changed", peer: this.id, health });
    }
  }

  #isClosed(): boolean {
    return this.#isEnded || this.#connection.signalingState === "closed";
  }
}

function addTransceivers(connection: RTCPeerConnection): RTCRtpTransceiver[] {
  const add = (kind: Kind, init: RTCRtpTransceiverInit) => {
    const medium = kind === "audio" ? "audio" : "video";
    const transceiver = connection.addTransceiver(medium, init);
    onlyForwarded(transceiver, medium);
    if (medium === "video" && init.direction === "recvonly") {
      withLayers(transceiver);
    }
    return transceiver;
  };
  const sending = KINDS.map((kind) =>
    add(kind, { direction: "sendonly", sendEncodings: encodingsOf(kind) }),
  );
  const receiving = Array.from({ length: SLOTS }, () =>
    KINDS.map((kind) => add(kind, { direction: "recvonly" })),
  );
  return [...sending, ...receiving.flat()];
}

/** What the server forwards, with the one profile of each that every browser decodes. */
const FORWARDED: readonly { readonly type: string; readonly format: RegExp }[] = [
  { type: "audio/opus", format: /^/ },
  { type: "audio/red", format: /^/ },
  { type: "video/vp8", format: /^/ },
  { type: "video/vp9", format: /profile-id=0|^$/ },
  { type: "video/h264", format: /(?=.*packetization-mode=1)(?=.*profile-level-id=42)/ },
  { type: "video/av1", format: /profile=0|^$/ },
  { type: "video/rtx", format: /^/ },
];

/** Says which frame needs which, of pictures whose layers come in one stream. */
const DEPENDENCIES =
  "https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension";

/** What browsers have of WebRTC's extensions, and the compiler does not know. */
type Negotiable = {
  getHeaderExtensionsToNegotiate?(): { uri: string; direction: RTCRtpTransceiverDirection }[];
  setHeaderExtensionsToNegotiate?(
    extensions: { uri: string; direction: RTCRtpTransceiverDirection }[],
  ): void;
};

/** Takes pictures of which only some layers come, where the browser can. */
function withLayers(transceiver: RTCRtpTransceiver & Negotiable): void {
  const extensions = transceiver.getHeaderExtensionsToNegotiate?.() ?? [];
  for (const extension of extensions) {
    if (extension.uri === DEPENDENCIES) {
      extension.direction = "recvonly";
      transceiver.setHeaderExtensionsToNegotiate?.(extensions);
    }
  }
}

/**
 * Browsers offer a good many codecs more, twelve times over: without them the offer is less than
 * half as long, well below what a message may be, and both sides are done with it sooner.
 */
function onlyForwarded(transceiver: RTCRtpTransceiver, kind: "audio" | "video"): void {
  const codecs = RTCRtpReceiver.getCapabilities(kind)?.codecs ?? [];
  const kept = codecs.filter(({ mimeType, sdpFmtpLine = "" }) =>
    FORWARDED.some(
      ({ type, format }) => type === mimeType.toLowerCase() && format.test(sdpFmtpLine),
    ),
  );
  // Older browsers offer everything; that works too.
  if (kept.length > 0 && "setCodecPreferences" in transceiver) {
    transceiver.setCodecPreferences(kept);
  }
}

function healthOf(state: RTCPeerConnectionState): PeerHealth | null {
  return state === "closed" ? null : state;
}
