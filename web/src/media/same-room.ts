// Two devices in one room hear the same: what comes from the other rises and falls with the own microphone.

/** How often the levels are taken, and over how many of them they are compared: eight seconds. */
export const LEVELS_MS = 80;
const COMPARED = 100;
/** How much later what the other hears may come: the way through the network, in looks. */
const LATEST = 4;
/** How alike two rows of levels are that are of one sound, of 1. */
const ALIKE = 0.75;
/** How much a microphone must hear of speech at all, and how often, to be compared. */
const SPEAKS = 0.2;
const SPOKEN = 15;
/** In how many comparisons in a row, a second apart, it must be so. */
const IN_A_ROW = 4;
const COMPARE_EVERY = 12;

/** Follows the own microphone and one other's, level by level, each from 0 for nothing to 1. */
export class SameRoom {
  #own: number[] = [];
  #other: number[] = [];
  #since = 0;
  #alike = 0;

  /** Whether both are in one room, as far as it was heard until now. */
  take(own: number, other: number): boolean {
    this.#own = [...this.#own, own].slice(-COMPARED);
    this.#other = [...this.#other, other].slice(-COMPARED);
    this.#since += 1;
    if (this.#own.length === COMPARED && this.#since >= COMPARE_EVERY) {
      this.#since = 0;
      this.#alike = this.#isAlike() ? this.#alike + 1 : 0;
    }
    return this.#alike >= IN_A_ROW;
  }

  #isAlike(): boolean {
    const speaks = [this.#own, this.#other].every(
      (levels) => levels.filter((level) => level > SPEAKS).length >= SPOKEN,
    );
    const lags = Array.from({ length: LATEST + 1 }, (_, lag) => lag);
    return (
      speaks &&
      lags.some((lag) => {
        const heard = this.#own.slice(0, COMPARED - lag);
        return likeness(heard, this.#other.slice(lag)) >= ALIKE;
      })
    );
  }
}

/** Pearson's correlation of two rows of one length; 0 where one of them does not change. */
function likeness(one: readonly number[], other: readonly number[]): number {
  const mean = (row: readonly number[]) => row.reduce((sum, it) => sum + it, 0) / row.length;
  const from = (row: readonly number[]) => {
    const middle = mean(row);
    return row.map((it) => it - middle);
  };
  const [first, second] = [from(one), from(other)];
  const product = (left: readonly number[], right: readonly number[]) =>
    left.reduce((sum, it, index) => sum + it * (right[index] ?? 0), 0);
  const spread = Math.sqrt(product(first, first) * product(second, second));
  return spread === 0 ? 0 : product(first, second) / spread;
}
