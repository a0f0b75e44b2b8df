// Whether sound still comes from somebody: a line that died says nothing of it.

/** How often to look, and how long a line of sound may pause: it is sent 50 times a second. */
export const LOOK_MS = 300;
const PAUSE_MS = 1_200;

/** Follows the packets of each line by when the last one was played. */
export class Heard {
  readonly #lines = new Map<number, { stamp: number; since: number }>();

  /** Whether the line of `slot` is silent at `now`, its newest packet being of `stamp`. */
  isSilent(slot: number, stamp: number | null, now: number): boolean {
    const line = this.#lines.get(slot);
    if (stamp !== null && line?.stamp !== stamp) {
      this.#lines.set(slot, { stamp, since: now });
      return false;
    }
    // A browser that does not say is believed.
    return line !== undefined && now - line.since > PAUSE_MS;
  }
}
