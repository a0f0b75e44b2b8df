import { describe, expect, it } from "vitest";
import { differsFrom, timesIn } from "./times";

describe("times", () => {
  const berlin = timesIn("en-GB", "Europe/Berlin");

  it("are those of the school's wall, on both sides of a change of the clocks", () => {
    expect(berlin.time("2026-10-25T00:30:00Z")).toBe("02:30");
    expect(berlin.time("2026-10-25T01:30:00Z")).toBe("02:30");
    expect(berlin.zoneName("2026-10-25T00:30:00Z")).toBe("Central European Summer Time");
    expect(berlin.zoneName("2026-10-25T01:30:00Z")).toBe("Central European Standard Time");
    expect(berlin.date("2026-11-26T23:30:00Z")).toMatch(/^Friday,? 27 November 2026$/);
    expect(berlin.span("2026-11-26T16:10:00Z", "2026-11-26T16:20:00Z")).toMatch(
      /^17:10\s?–\s?17:20$/,
    );
  });

  it("tell when the reader's own clock shows another", () => {
    const at = "2026-11-26T16:10:00Z";
    expect(differsFrom("Europe/Berlin", at, "Europe/London")).toBe(true);
    expect(differsFrom("Europe/Berlin", at, "Europe/Paris")).toBe(false);
  });

  it("in a zone that the browser does not know are in UTC", () => {
    const mars = timesIn("en-GB", "Mars/Olympus");
    expect(mars.time("2026-11-26T16:10:00Z")).toBe("16:10");
  });
});
