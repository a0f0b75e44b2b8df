// Texts are written as the library writes them that everybody knows, which no page brings along.

import { IntlMessageFormat } from "intl-messageformat";
import { describe, expect, it } from "vitest";
import { format, type Words } from "./format";
import { read } from "./read";

const FILES = import.meta.glob<Readonly<Record<string, string>>>("./*.json", {
  import: "default",
  eager: true,
});
const COUNTS = [0, 1, 2, 3, 5, 8, 11, 12, 20, 21, 22, 100, 101, 1_234_567];

const written = (words: Words, values: Record<string, string | number>, tag: string) =>
  typeof words === "string" ? words : format(words, values, tag);

/** Every name in a text, with a value. */
function valuesOf(words: string, count: number): Record<string, string | number> {
  const names = [...words.matchAll(/\{(\w+)\s*(,?)/g)].map(([, name = "", counts]) => [
    name,
    counts,
  ]);
  return Object.fromEntries(
    names.map(([name, counts]) => [name, counts ? count : `«${name} # '»`]),
  );
}

describe("a text", () => {
  it.each(Object.entries(FILES))("of %s is written as the library writes it", (path, texts) => {
    const tag = path.slice(2, -5);
    for (const [key, words] of Object.entries(texts)) {
      const message = new IntlMessageFormat(words, tag);
      const pieces = read(words);
      for (const count of words.includes("{") ? COUNTS : [0]) {
        const values = valuesOf(words, count);
        expect(written(pieces, values, tag), `${key}, ${count}`).toBe(message.format(values));
      }
    }
  });

  it("may quote what would else be put in", () => {
    expect(read("It''s '{so}'")).toBe("It's {so}");
  });

  it("that no page knows how to write is not read", () => {
    for (const words of [
      "{when, date}",
      "{n, selectordinal, other {#}}",
      "{n, plural, offset:1 other {#}}",
    ]) {
      expect(() => read(words), words).toThrow();
    }
  });
});
