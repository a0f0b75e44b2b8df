import { describe, expect, it } from "vitest";
import { saysNothing } from "./message";

describe("a message to somebody who waits", () => {
  it("is asked for where it is empty, but takes back the one before", () => {
    expect(saysNothing(" \n", "")).toBe(true);
    expect(saysNothing("A minute more.", "")).toBe(false);
    expect(saysNothing("", "A minute more.")).toBe(false);
  });
});
