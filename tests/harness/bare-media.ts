/**
 * A peer connection outside any browser, whose every packet a story sees and makes. What it sends
 * carries a mark, so that it is known again wherever it turns up.
 */

import {
  MediaStreamTrack,
  RTCPeerConnection,
  type RTCRtpTransceiver,
  RtpHeader,
  RtpPacket,
  useOPUS,
  useVP8,
} from "werift";

/** A packet that arrived. */
export type Arrived = {
  /** When it was sent, by the mark it carries; one without, when it arrived. */
  readonly sent: number;
  readonly slot: number;
  readonly kind: "audio" | "camera" | "screen";
  readonly payload: Buffer;
};

const KINDS = ["audio", "camera", "screen"] as const;
const SEND_EVERY_MS = 20;
/** How a mark ends: when it was sent, by the clock of this process. */
const SENT = /@(\d+\.\d{3})$/;
/** One frame of silence in Opus (RFC 6716 §3.1: a configuration byte, then the frame). */
const OPUS_SILENCE = Buffer.from([0xf8, 0xff, 0xfe]);
/** A VP8 payload descriptor at the start of a partition (RFC 7741 §4.2), then a keyframe's tag. */
const VP8_KEYFRAME = Buffer.from([0x10, 0x10, 0x02, 0x00, 0x9d, 0x01, 0x2a, 0x40, 0x01, 0xb4, 0]);

export class BareMedia {
  readonly offer: string;
  readonly arrived: Arrived[] = [];
  readonly #connection: RTCPeerConnection;
  readonly #lines: readonly RTCRtpTransceiver[];
  #sending: NodeJS.Timeout | undefined;

  private constructor(
    connection: RTCPeerConnection,
    lines: readonly RTCRtpTransceiver[],
    offer: string,
  ) {
    this.#connection = connection;
    this.#lines = lines;
    this.offer = offer;
    for (const [index, line] of lines.slice(3).entries()) {
      const slot = Math.floor(index / 3);
      const kind = KINDS[index % 3] ?? "audio";
      line.onTrack.subscribe((track) => {
        track.onReceiveRtp.subscribe(({ payload }) => {
          const [, sent] = SENT.exec(payload.toString("latin1")) ?? [];
          this.arrived.push({ sent: Number(sent ?? performance.now()), slot, kind, payload });
        });
      });
    }
  }

  /** A connection in the protocol's layout, with its offer made. */
  static async prepare(): Promise<BareMedia> {
    const connection = new RTCPeerConnection({
      codecs: { audio: [useOPUS()], video: [useVP8()] },
      iceServers: [],
      iceUseIpv6: false,
      iceAdditionalHostAddresses: ["127.0.0.1"],
      bundlePolicy: "max-bundle",
    });
    const lines: RTCRtpTransceiver[] = [];
    for (const kind of ["audio", "video", "video"] as const) {
      const track = new MediaStreamTrack({ kind });
      lines.push(connection.addTransceiver(track, { direction: "sendonly" }));
    }
    for (const _slot of [0, 1, 2]) {
      for (const kind of ["audio", "video", "video"] as const) {
        lines.push(connection.addTransceiver(kind, { direction: "recvonly" }));
      }
    }
    await connection.setLocalDescription(await connection.createOffer());
    return new BareMedia(connection, lines, connection.localDescription?.sdp ?? "");
  }

  async accept(answer: string): Promise<void> {
    await this.#connection.setRemoteDescription({ type: "answer", sdp: answer });
  }

  get isConnected(): boolean {
    return this.#connection.connectionState === "connected";
  }

  /** Sends sound and camera from now on, each packet ending in `mark` and the time. */
  send(mark: string): void {
    clearInterval(this.#sending);
    let sequence = 0;
    this.#sending = setInterval(() => {
      sequence = (sequence + 1) & 0xffff;
      this.#sendOne(0, sequence, sequence * 960, OPUS_SILENCE, mark);
      this.#sendOne(1, sequence, sequence * 1800, VP8_KEYFRAME, mark);
    }, SEND_EVERY_MS);
  }

  #sendOne(line: number, sequence: number, timestamp: number, start: Buffer, mark: string): void {
    const header = new RtpHeader({
      sequenceNumber: sequence,
      timestamp: timestamp % 2 ** 32,
      marker: true,
    });
    const end = Buffer.from(`${mark}@${performance.now().toFixed(3)}`);
    const packet = new RtpPacket(header, Buffer.concat([start, end]));
    // Late packets of a connection that is gone are what some stories are about.
    this.#lines[line]?.sender.sendRtp(packet).catch(() => undefined);
  }

  /** What arrived with this mark, whichever slot it came in. */
  marked(mark: string): Arrived[] {
    return this.arrived.filter(({ payload }) => payload.includes(mark));
  }

  async close(): Promise<void> {
    clearInterval(this.#sending);
    await this.#connection.close();
  }
}
