import { describe, expect, it } from "vitest";
import { partsOf, visible } from "./chat";

const links = (text: string) =>
  partsOf(text)
    .filter(({ isLink }) => isLink)
    .map(({ text }) => text);

describe("what is written", () => {
  it("has the addresses of web pages as links, and nothing else", () => {
    expect(links("see https://a.example/b?c=d, and http://e.example.")).toEqual([
      "https://a.example/b?c=d",
      "http://e.example",
    ]);
    for (const text of [
      "javascript:alert(1)",
      "data:text/html,x",
      "https://",
      "https://bank.example@evil.example/",
      "ftp://a.example",
    ]) {
      expect(links(text), text).toEqual([]);
    }
  });

  it("is shown whole", () => {
    for (const text of ["a https://b.example, c", "https://b.example", "", "https://@ x"]) {
      expect(
        partsOf(text)
          .map((part) => part.text)
          .join(""),
      ).toBe(text);
    }
  });
});

it("is sent without the marks that nobody sees, and with those that spell words and emoji", () => {
  expect(visible(" a\u200bb\u0007c\ufeff\td ")).toBe("abc d");
  expect(visible("\u202eevil\u2060")).toBe("evil");
  for (const kept of ["می\u200cخواهم", "👩\u200d🏫", "\u200fשלום", "naïve"]) {
    expect(visible(kept)).toBe(kept);
  }
});
