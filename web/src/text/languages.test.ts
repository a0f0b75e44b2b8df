// Every language says everything that families, guests, teachers and the staff read, and nothing is said
// outside of the catalogues.

import { globSync, readFileSync } from "node:fs";
import { IntlMessageFormat } from "intl-messageformat";
import { parseSync } from "vite";
import { describe, expect, it } from "vitest";
import { namedOutside, OF_THE_POST } from "../../split-texts";
import english from "./en.json";
import { LANGUAGES } from "./text";

const ROOT = new URL("../..", import.meta.url).pathname;
/** Pages of the office are in English so far, but for those that the staff sees as well. */
const OF_THE_OFFICE =
  /^src\/office(?:\.|\/(?!(?:asking|forgotten|letter|openid|search|sign-in)\.))|\.test\.ts$/;
const isNamed = namedOutside(ROOT, OF_THE_OFFICE);
const KEYS = Object.keys(english).filter((key) => isNamed(key) || OF_THE_POST.test(key));

type Texts = Readonly<Record<string, string>>;
const textsOf = (tag: string) =>
  JSON.parse(readFileSync(`${ROOT}/src/text/${tag}.json`, "utf8")) as Texts;

/** Everything within a tree, and the tree. */
function* within(tree: unknown): Generator<Readonly<Record<string, unknown>>> {
  if (typeof tree === "object" && tree !== null) {
    yield tree as Readonly<Record<string, unknown>>;
    for (const child of Object.values(tree)) {
      yield* within(child);
    }
  }
}

/** What is put into a text, by name, and the forms of number that its plurals have. */
function partsOf(words: string) {
  const names = new Set<string>();
  const plurals: string[][] = [];
  for (const { type, value, options } of within(IntlMessageFormat.__parse?.(words))) {
    // The parser's 0 is a text that stands as it is.
    if (typeof type === "number" && type !== 0 && typeof value === "string") {
      names.add(value);
    }
    if (typeof options === "object" && options !== null) {
      plurals.push(Object.keys(options));
    }
  }
  return { names: [...names].sort(), plurals };
}

describe.each(LANGUAGES)("e-mails in %s", (tag) => {
  it("call days and months as pages do", () => {
    const texts = textsOf(tag);
    const options = { weekday: "long", day: "numeric", month: "long", year: "numeric" } as const;
    const format = new Intl.DateTimeFormat(tag === "en" ? "en-GB" : tag, {
      ...options,
      timeZone: "UTC",
    });
    const part = (type: string) => (at: number) =>
      format.formatToParts(at).find((one) => one.type === type)?.value;
    const months = Array.from({ length: 12 }, (_, month) => Date.UTC(2026, month, 19));
    // The first of June of 2026 is a Monday.
    const days = Array.from({ length: 7 }, (_, day) => Date.UTC(2026, 5, 1 + day));
    expect(texts["post_months"]).toBe(months.map(part("month")).join("|"));
    expect(texts["post_weekdays"]).toBe(days.map(part("weekday")).join("|"));
    const form = format
      .formatToParts(0)
      .map(({ type, value }) => (type === "literal" ? value : `{${type}}`));
    const written = form.join("").replace(/\s/g, " ");
    expect(texts["post_date"]).toBe(
      // In English without the comma that some editions of the data have.
      tag === "en" ? written.replace(",", "") : written,
    );
  });
});

describe.each(LANGUAGES.filter((tag) => tag !== "en"))("in %s", (tag) => {
  const texts = textsOf(tag);

  it("everything is said, and nothing that nobody shows", () => {
    expect(KEYS.filter((key) => !texts[key])).toEqual([]);
    expect(Object.keys(texts).filter((key) => !(key in english))).toEqual([]);
  });

  it("what English puts in is put in", () => {
    for (const [key, words] of Object.entries(texts)) {
      const source = english[key as keyof typeof english];
      expect(partsOf(words).names, `${key}: ${words}`).toEqual(partsOf(source).names);
      expect(words, key).not.toMatch(/[\u2010\u2011\u00ad\u200b\u2060\ufeff]/);
    }
  });

  it("numbers have the forms of the language", () => {
    const rules = new Intl.PluralRules(tag);
    const forms = new Set(Array.from({ length: 200 }, (_, number) => rules.select(number)));
    for (const [key, words] of Object.entries(texts)) {
      for (const plural of partsOf(words).plurals) {
        // A text that names the numbers it means needs no others.
        if (plural.every((one) => !one.startsWith("="))) {
          expect(plural, `${key}: ${words}`).toEqual(expect.arrayContaining([...forms]));
        }
      }
    }
  });
});

type Node = {
  readonly type?: string;
  readonly value?: unknown;
  readonly name?: { readonly name?: string };
  readonly expression?: Node;
};

/** The attributes that people read or hear. */
const READ = ["alt", "aria-description", "aria-label", "label", "placeholder", "title"];

/** The words that a part of a page shows as they stand in the source. */
function saidBy(node: Node): string | null {
  const written = node.type === "JSXExpressionContainer" ? node.expression : node;
  switch (node.type) {
    case "JSXText":
      return String(node.value);
    case "JSXAttribute":
      return READ.includes(node.name?.name ?? "") ? literal(node.value as Node) : null;
    case "JSXExpressionContainer":
      return /\s/.test(literal(written) ?? "") ? literal(written) : null;
    default:
      return null;
  }
}

function literal(node: Node | null | undefined): string | null {
  return node?.type === "Literal" && typeof node.value === "string" ? node.value : null;
}

describe("the pages", () => {
  it("say nothing that is not in the catalogues", () => {
    const found: string[] = [];
    for (const path of globSync("src/**/*.tsx", { cwd: ROOT })) {
      const { program } = parseSync(path, readFileSync(`${ROOT}/${path}`, "utf8"));
      for (const node of within(program)) {
        const said = saidBy(node as Node) ?? "";
        if (/\p{L}{2,}/u.test(said)) {
          found.push(`${path}: ${said.trim()}`);
        }
      }
    }
    expect(found).toEqual([]);
  });
});
