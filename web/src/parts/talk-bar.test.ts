import { describe, expect, it } from "vitest";
import english from "../text/en.json";
import { language } from "../text/text";
import { wordsOf } from "./talk-bar";

const { text } = language("en", english);

describe("the countdown", () => {
  it("counts seconds within the last hour, and hours before it", () => {
    expect(wordsOf(59, "clock_left", text)).toBe("0:59 left");
    expect(wordsOf(3_599, "clock_left", text)).toBe("59:59 left");
    expect(wordsOf(7_133, "clock_left", text)).toBe("1 h 58 min left");
    expect(wordsOf(3_600, "clock_begins", text)).toBe("Begins in 1 h 0 min");
  });
});
