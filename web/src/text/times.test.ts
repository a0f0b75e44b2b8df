import { describe, expect, it } from "vitest";
import { differsFrom, timesBesides, timesIn } from "./times";

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

  it("have the reader's own beside them, where it is another", () => {
    const yours = (time: string, own: string) => `${time} (${own} your time)`;
    const abroad = timesBesides("en-GB", "Europe/Berlin", yours, "Asia/Kolkata");
    expect(abroad.span("2026-11-26T16:10:00Z", "2026-11-26T16:20:00Z")).toMatch(
      /^17:10\s?–\s?17:20 \(21:40\s?–\s?21:50 your time\)$/,
    );
    expect(abroad.time("2026-11-26T16:10:00Z")).toBe("17:10 (21:40 your time)");
    // There it is the next day already.
    expect(abroad.time("2026-11-26T18:40:00Z")).toBe("19:40 (Friday 00:10 your time)");
    const near = timesBesides("en-GB", "Europe/Berlin", yours, "Europe/Paris");
    expect(near.time("2026-11-26T16:10:00Z")).toBe("17:10");
    expect(near.moment("2026-11-26T16:10:00Z")).toBe(berlin.moment("2026-11-26T16:10:00Z"));
  });

  it("agree and differ on either side of a change of the clocks", () => {
    const yours = (time: string, own: string) => `${time}|${own}`;
    // New York goes back a week after London: for that week the two are an hour nearer.
    const abroad = timesBesides("en-GB", "Europe/London", yours, "America/New_York");
    expect(abroad.time("2026-10-24T16:00:00Z")).toBe("17:00|12:00");
    expect(abroad.time("2026-10-26T16:00:00Z")).toBe("16:00|12:00");
    expect(abroad.time("2026-11-02T16:00:00Z")).toBe("16:00|11:00");
    // Lisbon's clock is London's, and Reykjavik's in winter only.
    const lisbon = timesBesides("en-GB", "Europe/London", yours, "Europe/Lisbon");
    expect(lisbon.time("2026-10-25T00:30:00Z")).toBe("01:30");
    const reykjavik = timesBesides("en-GB", "Europe/London", yours, "Atlantic/Reykjavik");
    expect(reykjavik.time("2026-10-25T00:30:00Z")).toBe("01:30|00:30");
    expect(reykjavik.time("2026-10-25T01:30:00Z")).toBe("01:30");
  });

  it("in a zone that the browser does not know are in UTC", () => {
    const mars = timesIn("en-GB", "Mars/Olympus");
    expect(mars.time("2026-11-26T16:10:00Z")).toBe("16:10");
  });
});
