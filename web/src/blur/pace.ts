// Whether a device keeps up with finding out where the person is, and does so at all.

/** Whoever moves is out of a mask that is older than this, milliseconds. */
const LATEST = 400;

/** The last so many count. */
const COUNTED = 12;

/** One counts for no more, milliseconds: a device that slept was not slow. */
const LONGEST = 2_000;

/** So many in a row that do not come are no accident. */
const MISSED = 2;

export class Pace {
  private took: number[] = [];
  private missed = 0;

  /** A mask came so many milliseconds after it was asked for. Whether they come too late. */
  isTooSlow(took: number): boolean {
    this.took = [...this.took, Math.min(took, LONGEST)].slice(-COUNTED);
    const whole = this.took.reduce((sum, one) => sum + one, 0);
    return this.took.length === COUNTED && whole / COUNTED > LATEST;
  }

  /** A mask came, or did not. Whether none is to be expected any more. */
  isLost(hasCome: boolean): boolean {
    this.missed = hasCome ? 0 : this.missed + 1;
    return this.missed >= MISSED;
  }
}
