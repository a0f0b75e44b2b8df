// What the guides of rooms and waiting areas call a button or a page is called so on the page.

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
