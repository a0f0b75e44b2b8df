import { describe, expect, it } from "vitest";
import { hasLongWord } from "./table";

describe("a cell of a table", () => {
  it("is broken within a word only where that is longer than ours", () => {
    expect(hasLongWord("Mathematics, Religious education")).toBe(false);
    expect(hasLongWord("dana.reyes@fairview.example")).toBe(false);
    expect(hasLongWord("Ana Wolfeschlegelsteinhausen")).toBe(true);
    expect(hasLongWord("")).toBe(false);
  });
});
