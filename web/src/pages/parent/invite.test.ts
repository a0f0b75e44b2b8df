import { describe, expect, it } from "vitest";
import english from "../../text/en.json";
import { language } from "../../text/text";
import { problemsOf } from "./invite";

const { text } = language("en", english);
const RIGHT = { name: "Paulo", email: "paulo@example.org", students: ["s1"], consent: true };

describe("the invite form", () => {
  it("requires name, address and consent, and a student where there are several", () => {
    const empty = { name: " ", email: "", students: [], consent: false };
    expect(Object.keys(problemsOf(empty, true, text))).toEqual([
      "name",
      "email",
      "students",
      "consent",
    ]);
    expect(problemsOf(empty, false, text)).not.toHaveProperty("students");
    expect(problemsOf(RIGHT, true, text)).toEqual({});
  });

  it.each(["paulo", "paulo@", "@example.org", "pau lo@example.org"])("doubts %s", (email) => {
    expect(problemsOf({ ...RIGHT, email }, true, text)).toHaveProperty("email");
  });
});
