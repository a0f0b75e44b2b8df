// Whether sound still comes from somebody: a line that died says nothing of it.

/** How often to look, and how long a line of sound may pause: it is sent 50 times a second. */
export const LOOK_MS = 300;
const PAUSE_MS = 1_200;

/** Follows the packets of each line by when the last one was played. */
export class Heard {
  readonly #lines = new Map<number, { stamp: number; since: number }>();
  readonly #pauseMs: number;

  constructor(pauseMs = PAUSE_MS) {
    this.#pauseMs = pauseMs;
  }

  /** Whether this line is silent at `now`, its newest packet being of `stamp`. */
  isSilent(number: number, stamp: number | null, now: number): boolean {
    const line = this.#lines.get(number);
    if (stamp !== null && line?.stamp !== stamp) {
      this.#lines.set(number, { stamp, since: now });
      return false;
    }
    // A browser that does not say is believed.
    return line !== undefined && now - line.since > this.#pauseMs;
  }

  /** Nothing is expected on this line for now. */
  forget(number: number): void {
    this.#lines.delete(number);
  }
}
