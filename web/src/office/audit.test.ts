import { describe, expect, it } from "vitest";
import english from "../text/en.json";
import { language } from "../text/text";
import { detailIn } from "./audit";

const { text } = language("en", english);

describe("the detail of a row of the audit log", () => {
  it("is told with the names of those who still have one", () => {
    const names = { "evening:5": "Autumn evening", "contact:6": "Maria Santos" };
    expect(detailIn("evening=5 inviter=6 student=7 slot=0", names, text)).toBe(
      "Evening: Autumn evening; Parent or guardian: Maria Santos; Student: 7",
    );
    expect(detailIn("", names, text)).toBe("");
  });
});
