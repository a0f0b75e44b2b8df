// What the guides of the office, of rooms and of waiting areas call a button or a page is called so on the page.

import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import english from "./en.json";

const DOCS = new URL("../../../docs/", import.meta.url);

/** Every text, and what stands before the first that is filled in. */
const labels = new Set(
  Object.values(english).flatMap((words) => [words, words.split(/: \{| \(?\{/)[0] ?? ""]),
);

describe.each(["rooms.md", "waiting.md"])("the labels of %s", (name) => {
  const page = readFileSync(new URL(name, DOCS), "utf8");
  // Terms that the guide explains are written small.
  const bold = [...page.matchAll(/\*\*([A-Z][^*]*)\*\*/g)].map(([, label = ""]) =>
    label.replaceAll(/\s+/g, " "),
  );

  it("stand on the pages", () => {
    expect(bold.length).toBeGreaterThan(10);
    expect(bold.filter((label) => !labels.has(label))).toEqual([]);
  });
});

/** What stands in bold in the guide of the office and is on no page of ours: what a paragraph is about, or another's. */
const NO_LABELS: ReadonlySet<string> = new Set([
  "A class gets other teachers",
  "A second step at sign-in.",
  "A student leaves a class",
  "A teacher is ill",
  "Another day or other times",
  "By the school's provider.",
  "From lists",
  "Managers of one evening.",
  "Mobile",
  "OneRoster",
  "Print 1 letter",
  "Sign in with Microsoft",
  "The evening cannot take place",
  "When the list changes",
]);

describe("the labels of office.md", () => {
  const page = readFileSync(new URL("office.md", DOCS), "utf8");
  const plain = (words: string) => words.replaceAll("’", "'");
  const known = new Set([...labels].map(plain));
  const begun = [...labels].map((label) => plain(label.split(": ")[0] ?? ""));

  it("stand on the pages", () => {
    const bold = [...page.matchAll(/\*\*([A-Z][^*]*)\*\*/g)].map(([, label = ""]) =>
      plain(label.replaceAll(/\s+/g, " ")),
    );
    expect(bold.length).toBeGreaterThan(100);
    const strange = bold.filter((label) => !known.has(label) && !begun.includes(label));
    expect(strange.filter((label) => !NO_LABELS.has(label))).toEqual([]);
    // What no longer stands there need not be left out.
    expect([...NO_LABELS].filter((label) => !strange.includes(label))).toEqual([]);
  });
});
