import { describe, expect, it } from "vitest";
import { Pace } from "./pace";

describe("the pace of masks", () => {
  const judged = (times: readonly number[]) => {
    const pace = new Pace();
    return times.map((took) => pace.isTooSlow(took));
  };

  it("is too slow where a dozen are late, and not before", () => {
    expect(judged(Array(12).fill(500))).toEqual([...Array(11).fill(false), true]);
  });

  it("is not where one is", () => {
    expect(judged([...Array(12).fill(90), 2_000, ...Array(12).fill(90)])).not.toContain(true);
  });

  it("is not where a device slept for an hour", () => {
    expect(judged([...Array(12).fill(90), 3_600_000, ...Array(12).fill(90)])).not.toContain(true);
  });

  it("is lost where two in a row do not come, and not where one does not", () => {
    const pace = new Pace();
    const come = [true, false, true, false, false];
    expect(come.map((one) => pace.isLost(one))).toEqual([false, false, false, false, true]);
  });

  it("is once a device has become so", () => {
    expect(judged([...Array(40).fill(50), ...Array(12).fill(900)]).at(-1)).toBe(true);
  });
});
