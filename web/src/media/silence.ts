// When nothing arrives any more, long before the browser says so: it takes five seconds and more to
// call a connection disconnected.

/** How often to look. */
export const LOOK_MS = 250;
/** So many looks that found something make a steady flow, and so many count at most. */
const STEADY = 8;
const MOST = 16;
/** How many of them a look that found nothing takes away: a late second does not end a flow. */
const QUIET_COSTS = 2;
/** How long a steady flow may pause: who sends is told of every arrival 10 times a second. */
const STEADY_PAUSE_MS = 750;
/** How long all else may pause: the server reports once a second, and a report may be lost. */
const PAUSE_MS = 3_500;

/** Judges the bytes received so far, looked at every `LOOK_MS`. */
export class Silence {
  #bytes = -1;
  #steady = 0;
  #quiet = 0;
  #newsAt = 0;
  #lookedAt = 0;

  /** Whether it is silent now, at `now` milliseconds of any clock that only goes forward. */
  hears(bytes: number, now: number): boolean {
    const asleep = now - this.#lookedAt > 5 * LOOK_MS;
    this.#lookedAt = now;
    if (bytes === this.#bytes && !asleep) {
      this.#quiet += 1;
      return now - this.#newsAt >= (this.#steady >= STEADY ? STEADY_PAUSE_MS : PAUSE_MS);
    }
    const missed = this.#quiet + (asleep ? 1 : 0);
    const left = Math.max(0, this.#steady - QUIET_COSTS * missed);
    this.#steady = Math.min(left + 1, MOST);
    this.#bytes = bytes;
    this.#quiet = 0;
    this.#newsAt = now;
    return false;
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
