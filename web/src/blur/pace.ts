// Whether a device keeps up with finding out where the person is.

/** Whoever moves is out of a mask that is older than this, milliseconds. */
const LATEST = 400;

/** The last so many count. */
const COUNTED = 12;

export class Pace {
  private took: number[] = [];

  /** A mask came so many milliseconds after it was asked for. Whether they come too late. */
  isTooSlow(took: number): boolean {
    this.took = [...this.took, took].slice(-COUNTED);
    const whole = this.took.reduce((sum, one) => sum + one, 0);
    return this.took.length === COUNTED && whole / COUNTED > LATEST;
  }
}
