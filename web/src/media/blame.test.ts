import { describe, expect, it } from "vitest";
import { Blame, type Fault, type Look } from "./blame";

const GOOD: Look = { lateMs: 3, received: 0, lost: 0, tripMs: 20 };

/** The judgement after so many looks, the packets counted up by each. */
function judged(looks: number, of: (number: number) => Partial<Look>): Fault {
  const blame = new Blame();
  let fault: Fault = "unknown";
  for (let number = 0; number < looks; number += 1) {
    fault = blame.take({ ...GOOD, received: 100 * number, ...of(number) });
  }
  return fault;
}

describe("that pictures do not come", () => {
  it("is nobody's fault where nothing is wrong", () => {
    expect(judged(40, () => ({}))).toBe("unknown");
    expect(judged(1, () => ({}))).toBe("unknown");
  });

  it("is the network's where it loses much or takes long", () => {
    expect(judged(40, (number) => ({ lost: 10 * number }))).toBe("network");
    expect(judged(40, () => ({ tripMs: 900 }))).toBe("network");
  });

  it("is the device's where the page cannot keep up, whatever it then sees of the network", () => {
    expect(judged(40, () => ({ lateMs: 400 }))).toBe("device");
    expect(judged(40, (number) => ({ lateMs: 400, lost: 10 * number, tripMs: 900 }))).toBe(
      "device",
    );
  });

  it("is not the device's for one late moment", () => {
    expect(judged(40, (number) => ({ lateMs: number === 35 ? 3000 : 0 }))).toBe("unknown");
  });

  it("is forgotten when all is well again", () => {
    expect(judged(40, (number) => ({ lateMs: number < 10 ? 400 : 0 }))).toBe("unknown");
    expect(judged(40, (number) => ({ lost: 10 * Math.min(number, 10) }))).toBe("unknown");
  });
});
