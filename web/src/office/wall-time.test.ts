import { describe, expect, it } from "vitest";
import { instantOf, wallOf } from "./wall-time";

describe("the time on the wall", () => {
  it.each([
    ["2026-11-26", "17:10", "Europe/London", "2026-11-26T17:10:00Z"],
    ["2026-06-26", "17:10", "Europe/London", "2026-06-26T16:10:00Z"],
    ["2026-10-25", "00:30", "Europe/Berlin", "2026-10-24T22:30:00Z"],
    ["2026-10-25", "04:30", "Europe/Berlin", "2026-10-25T03:30:00Z"],
    ["2026-11-26", "17:10", "Asia/Kathmandu", "2026-11-26T11:25:00Z"],
    ["2026-11-26", "00:00", "Pacific/Kiritimati", "2026-11-25T10:00:00Z"],
  ])("%s %s in %s is %s", (date, time, zone, instant) => {
    expect(instantOf(date, time, zone)).toBe(instant);
    expect(wallOf(instant, zone)).toEqual([date, time]);
  });

  it("is never one that the clocks leap over", () => {
    expect(instantOf("2026-03-29", "01:30", "Europe/London")).toBeNull();
    expect(instantOf("", "01:30", "Europe/London")).toBeNull();
  });
});
