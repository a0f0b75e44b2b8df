import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import english from "../../text/en.json";
import { LANGUAGES, language } from "../../text/text";
import { consentTo, problemsOf } from "./invite";

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

const fileAt = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const sayIn = (tag: string) => language(tag, JSON.parse(fileAt(`text/${tag}.json`))).text;

/** What the server asks to consent to today. */
function wordingOfToday() {
  const source = fileAt("../../crates/school/src/consent.rs");
  const [, version = ""] = /\bWORDING: u32 = (\d+);/.exec(source) ?? [];
  const [, written = ""] = /\bWORDS: &str = "([^"]+)";/.exec(source) ?? [];
  // A string of Rust goes on after a backslash at the next line's first word.
  return { version, text: written.replaceAll(/\\\n\s*/g, "") };
}

describe("the consent to a guest", () => {
  const today = wordingOfToday();

  it("has the server's words of today in English, to the letter", () => {
    expect(today.text).toMatch(/^I consent to [\w ]+\.$/);
    expect(english).toHaveProperty(`invite_wording_${today.version}`, today.text);
  });

  it.each(LANGUAGES)("is in the reader's language: %s", (tag) => {
    expect(consentTo(today, sayIn(tag)) === today.text).toBe(tag === "en");
  });

  it("has the server's words where this page does not know the version", () => {
    const newer = { version: "1000", text: "I consent to something else." };
    expect(consentTo(newer, sayIn("pl"))).toBe(newer.text);
  });
});
