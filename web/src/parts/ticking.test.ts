import { describe, expect, it } from "vitest";
import type { TalkClock } from "../session/state";
import { isNearEnd } from "./ticking";

describe("the end of a talk", () => {
  const clock = (beginsAt: number | null, endsAt: number): TalkClock => ({
    beginsAt,
    endsAt,
    mayBeLonger: false,
    warned: null,
  });

  it("is near in its last minute, and once it is over", () => {
    const talk = clock(null, 600_000);
    expect(isNearEnd(talk, 539_000)).toBe(false);
    expect(isNearEnd(talk, 540_000)).toBe(true);
    expect(isNearEnd(talk, 700_000)).toBe(true);
  });

  it("is not near before the talk has begun", () => {
    expect(isNearEnd(clock(20_000, 50_000), 0)).toBe(false);
    expect(isNearEnd(clock(20_000, 50_000), 20_000)).toBe(true);
  });
});
