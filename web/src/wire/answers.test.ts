import { describe, expect, it } from "vitest";
import { isChanges, isInvited, isParentView } from "./answers";
import { isInstant } from "./check";
import type { ParentView } from "./messages";
import { isAudit, isLinkShown } from "./office-answers";
import { isProblem } from "./parse";

const VIEW: ParentView = {
  name: "Maria Santos",
  evening: {
    name: "Autumn evening",
    school: "Fairview School",
    date: "2026-11-26",
    time_zone: "Europe/London",
    starts: "2026-11-26T17:00:00Z",
    ends: "2026-11-26T20:00:00Z",
  },
  booking: "open",
  students: [{ id: "1", name: "Ana", classes: [{ id: "2", subject: "Music", teachers: ["A"] }] }],
  bookings: [],
  invitations: { sent: [], left: ["1"], wording: { version: "1", text: "I consent" } },
  seen: "3",
};

describe("a parent's page", () => {
  it("is taken as it is, with fields that are not known yet", () => {
    expect(isParentView(VIEW)).toBe(true);
    expect(isParentView({ ...VIEW, more: 1 })).toBe(true);
    expect(isParentView({ ...VIEW, booking_closes: "2026-11-26T17:00:00Z" })).toBe(true);
  });

  it.each([
    ["nothing", null],
    ["a list", []],
    ["no name", { ...VIEW, name: undefined }],
    ["a booking that is no state", { ...VIEW, booking: "ajar" }],
    ["a moment that is none", { ...VIEW, booking_closes: "tomorrow" }],
    ["an evening without its end", { ...VIEW, evening: { ...VIEW.evening, ends: "" } }],
    ["students that are no list", { ...VIEW, students: { length: 1 } }],
    ["a text without end", { ...VIEW, name: "a".repeat(20_001) }],
    ["a teacher who is a number", { ...VIEW, students: [{ ...VIEW.students[0], classes: [1] }] }],
  ])("is refused: %s", (_, value) => {
    expect(isParentView(value)).toBe(false);
  });
});

describe("other answers", () => {
  it("are one of their kinds", () => {
    expect(isChanges({ type: "withdrawn" })).toBe(true);
    expect(isChanges({ type: "changed" })).toBe(false);
    expect(isInvited({ type: "needs_approval" })).toBe(true);
    expect(isInvited({ type: "sent" })).toBe(false);
  });

  it("lead nowhere but to web pages", () => {
    expect(isLinkShown({ url: "https://meet.school.example/j/a#b" })).toBe(true);
    expect(isLinkShown({ url: "javascript:alert(1)" })).toBe(false);
  });

  it("name people by texts", () => {
    expect(isAudit({ rows: [], names: { "contact:2": "Maria" } })).toBe(true);
    expect(isAudit({ rows: [], names: { "contact:2": 2 } })).toBe(false);
  });

  it("have problems whose fields can be shown", () => {
    const problem = { code: "invalid", title: "", status: 422 };
    const field = { field: "name", code: "missing", reason: "Enter a name" };
    expect(isProblem({ ...problem, fields: [field] })).toBe(true);
    expect(isProblem({ ...problem, fields: [{ field: "name" }] })).toBe(false);
  });
});

describe("a moment", () => {
  it.each(["2026-11-26T17:00:00Z", "2026-11-26T17:00:00.123456789Z", "2026-11-26T17:00:00+01:00"])(
    "is %s",
    (value) => expect(isInstant(value)).toBe(true),
  );
  it.each(["", "2026-11-26", "17:00", "2026-13-45T17:00:00Z", 0, null])("is not %s", (value) => {
    expect(isInstant(value)).toBe(false);
  });
});
