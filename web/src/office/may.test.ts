import { describe, expect, it } from "vitest";
import type { StaffRole } from "../wire/messages";
import { may, type Right } from "./may";

const RIGHTS: readonly Right[] = ["look", "evening", "run", "govern"];

describe("what somebody of the staff may do", () => {
  it.each<[StaffRole, string]>([
    ["owner", "look evening run govern"],
    ["office", "look evening run"],
    ["viewer", "look"],
    ["member", ""],
  ])("%s: %s", (role, rights) => {
    expect(RIGHTS.filter((right) => may({ role }, right)).join(" ")).toBe(rights);
    expect(RIGHTS.filter((right) => may({ role }, right, "7")).join(" ")).toBe(rights);
  });

  it("whoever manages an evening has it there alone", () => {
    const staff = { role: "member" as const, evenings: ["7"] };
    const rights = (evening?: string) =>
      RIGHTS.filter((right) => may(staff, right, evening)).join(" ");
    expect([rights(), rights("7"), rights("8")]).toEqual(["look evening", "look evening", ""]);
  });
});
