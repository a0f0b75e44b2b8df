// When nothing arrives any more, long before the browser says so: it takes five seconds and more to
// call a connection disconnected.

/** How often to look. */
export const LOOK_MS = 250;
/** So many looks in a row that found something make a steady flow. */
const STEADY = 8;
/** How long a steady flow may pause: who sends is told of every arrival 10 times a second. */
const STEADY_PAUSE_MS = 750;
/** How long all else may pause: the server reports once a second, and a report may be lost. */
const PAUSE_MS = 3_500;

/** Judges the bytes received so far, looked at every `LOOK_MS`. */
export class Silence {
  #bytes = -1;
  #steady = 0;
  #newsAt = 0;
  #lookedAt = 0;

  /** Whether it is silent now, at `now` milliseconds of any clock that only goes forward. */
  hears(bytes: number, now: number): boolean {
    const asleep = now - this.#lookedAt > 5 * LOOK_MS;
    const follows = this.#newsAt === this.#lookedAt && !asleep;
    this.#lookedAt = now;
    if (bytes !== this.#bytes || asleep) {
      this.#steady = follows ? this.#steady + 1 : 0;
      this.#bytes = bytes;
      this.#newsAt = now;
      return false;
    }
    return now - this.#newsAt >= (this.#steady >= STEADY ? STEADY_PAUSE_MS : PAUSE_MS);
  }
}

/** The bytes received so far on all paths of a connection; `null` where the browser does not say. */
export async function bytesReceived(connection: RTCPeerConnection): Promise<number | null> {
  let bytes: number | null = null;
  const report = await connection.getStats();
  report.forEach((entry: RTCIceCandidatePairStats) => {
    if (entry.type === "candidate-pair" && entry.bytesReceived !== undefined) {
      bytes = (bytes ?? 0) + entry.bytesReceived;
    }
  });
  return bytes;
}
