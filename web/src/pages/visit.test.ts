import { describe, expect, it } from "vitest";
import { takesCallers } from "./visit";

const AREA = { school: "Westfield", purpose: "", time_zone: "Europe/London" };

describe("whoever waits", () => {
  it("has a place while somebody takes callers, and none where nobody does any more", () => {
    expect(takesCallers(AREA)).toBe(true);
    expect(takesCallers({ ...AREA, closed: true, opens: "2026-11-30T08:30:00Z" })).toBe(true);
    expect(takesCallers({ ...AREA, closed: true })).toBe(false);
  });
});
