import { describe, expect, it } from "vitest";
import english from "../text/en.json";
import { language } from "../text/text";
import { draftOf, type EveningValues, movedAlong, problemsOf, valuesOf } from "./evening-form";

const { text } = language("en", english);

const AUTUMN: EveningValues = {
  name: " Autumn evening ",
  date: "2026-11-26",
  time_zone: "Europe/Berlin",
  starts: "16:00",
  ends: "19:00",
  slot_minutes: "10",
  gap_minutes: "0",
  closes_date: "2026-11-25",
  closes_time: "12:00",
  which: "some",
  classes: ["c1"],
};

describe("an evening's form", () => {
  it("is sent as the draft that it came from", () => {
    const set = draftOf(AUTUMN);
    expect(set).toEqual({
      name: "Autumn evening",
      date: "2026-11-26",
      time_zone: "Europe/Berlin",
      starts: "16:00",
      ends: "19:00",
      slot_minutes: 10,
      gap_minutes: 0,
      booking_closes: "2026-11-25T11:00:00Z",
      classes: ["c1"],
    });
    const rest = { id: "e", starts: "", ends: "", booked: 0, confirmations: 0 };
    const evening = { ...rest, set, booking: "open" } as const;
    expect(valuesOf(evening)).toEqual({ ...AUTUMN, name: "Autumn evening" });
    expect(
      draftOf({ ...AUTUMN, which: "all", closes_date: "", closes_time: "" }),
    ).not.toHaveProperty("classes");
  });

  it.each<[Partial<EveningValues>, keyof EveningValues]>([
    [{ name: "  " }, "name"],
    [{ date: "" }, "date"],
    [{ starts: "" }, "starts"],
    [{ ends: "" }, "ends"],
    [{ ends: "16:00" }, "ends"],
    [{ slot_minutes: "" }, "slot_minutes"],
    [{ slot_minutes: "2" }, "slot_minutes"],
    [{ slot_minutes: "2.5" }, "slot_minutes"],
    [{ gap_minutes: "61" }, "gap_minutes"],
    [{ closes_time: "" }, "closes_date"],
    [{ closes_date: "" }, "closes_date"],
    [{ classes: [] }, "classes"],
  ])("says what is wrong with %j", (change, field) => {
    expect(Object.keys(problemsOf({ ...AUTUMN, ...change }, text))).toEqual([field]);
  });

  it("closes booking as long before the evening as it did before that moved", () => {
    expect(movedAlong(AUTUMN, "2026-12-01")).toBe("2026-11-30");
    expect(movedAlong(AUTUMN, "2026-11-20")).toBe("2026-11-19");
    expect(
      movedAlong({ ...AUTUMN, date: "2027-03-26", closes_date: "2027-03-25" }, "2027-03-30"),
    ).toBe("2027-03-29");
    // What is not typed whole, or is not set, stays.
    expect(movedAlong(AUTUMN, "")).toBe("2026-11-25");
    expect(movedAlong(AUTUMN, "0002-12-01")).toBe("2026-11-25");
    expect(movedAlong({ ...AUTUMN, closes_date: "" }, "2026-12-01")).toBe("");
    expect(movedAlong({ date: "", closes_date: "2026-11-25" }, "2026-12-01")).toBe("2026-11-25");
  });

  it("finds nothing wrong with what is right", () => {
    expect(problemsOf(AUTUMN, text)).toEqual({});
  });
});
