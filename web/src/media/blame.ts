// Whose fault it is that pictures do not come: the device's, the network's, or nobody knows.

export type Fault = "device" | "network" | "unknown";

/** One look at how device and network do. */
export type Look = {
  /** How much later than it was meant to the look came, milliseconds. */
  readonly lateMs: number;
  /** What arrived and what was lost on the way, packets since the connection began. */
  readonly received: number;
  readonly lost: number;
  /** The round trip to the server, milliseconds; 0 where it is not known. */
  readonly tripMs: number;
};

/** How often to look, and how many looks count. */
export const LOOK_MS = 500;
const LOOKS = 16;
/** A page that is late by so much, in so many of them, has more to do than it can. */
const LATE_MS = 120;
const LATE_LOOKS = 4;
/** A network that loses more than this, or takes longer, is a bad one. */
const LOST_OF_ALL = 0.03;
const SLOW_TRIP_MS = 400;

/** Judges the looks of the last seconds. */
export class Blame {
  #looks: Look[] = [];

  take(look: Look): Fault {
    this.#looks = [...this.#looks, look].slice(-LOOKS);
    const late = this.#looks.filter(({ lateMs }) => lateMs > LATE_MS).length;
    // A page that is late answers late too: what it then measures of the network is its own.
    if (late >= LATE_LOOKS) {
      return "device";
    }
    return this.#isLossy() || this.#isSlow() ? "network" : "unknown";
  }

  #isLossy(): boolean {
    const [first] = this.#looks;
    const last = this.#looks.at(-1);
    if (first === undefined || last === undefined) {
      return false;
    }
    const lost = last.lost - first.lost;
    const all = lost + last.received - first.received;
    return all > 0 && lost / all > LOST_OF_ALL;
  }

  #isSlow(): boolean {
    const slow = this.#looks.filter(({ tripMs }) => tripMs > SLOW_TRIP_MS).length;
    return slow > this.#looks.length / 2;
  }
}
