import { describe, expect, it } from "vitest";
import { isAt } from "./office-page";

describe("the place that a page of the office belongs to", () => {
  it.each([
    ["", ""],
    ["evenings/7/live", ""],
    ["students/3/contacts/new", "students"],
    ["contacts/4/of/3", "students"],
    ["import", "students"],
    ["classes/new", "classes"],
  ])("%s is at %s", (path, place) => {
    expect(isAt(path, place)).toBe(true);
    expect(isAt(path, "audit")).toBe(false);
  });
});
