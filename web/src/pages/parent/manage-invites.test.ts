import { describe, expect, it } from "vitest";
import { isOff } from "./manage-invites";

const EVENING = {
  school: "Westfield",
  name: "Autumn evening",
  date: "2026-11-26",
  time_zone: "Europe/London",
  starts: "2026-11-26T16:00:00Z",
  ends: "2026-11-26T19:00:00Z",
};

describe("an invite", () => {
  it("is sent again for an evening that is still to be, and for no other", () => {
    expect(isOff(EVENING)).toBe(false);
    expect(isOff({ ...EVENING, cancelled: "" })).toBe(true);
    expect(isOff({ ...EVENING, is_over: true })).toBe(true);
  });
});
