// The words of the page: one language file for each language, English where a text or a language is
// missing, chosen by the reader, or else by what the reader's browser asks for.

import english from "./en.json";
import { format, type Values, type Words } from "./format";
import { read } from "./read";

export type TextKey = keyof typeof english;
export type Catalogue = Partial<Record<TextKey, Words>>;
export type Text = (key: TextKey, values?: Values) => string;

/** English, to which the office's page adds its own. */
const ENGLISH: Record<string, Words> = { ...english };

/** Adds texts that only one page has. */
export function addTexts(more: Readonly<Record<string, Words>>): void {
  Object.assign(ENGLISH, more);
}

/** The text of this name, in the reader's language or else in English; none where neither has it. */
export function textOf(text: Text, key: string, values?: Values): string | null {
  return text(key as TextKey, values) || null;
}

/** Whether there is an English text of this name. */
export function isTextKey(key: string): key is TextKey {
  return Object.hasOwn(ENGLISH, key);
}

/**
 * Every other language: a file beside `en.json`, loaded when it is wanted. A build makes two of it: what a
 * first page says, and what those say that come after it.
 */
const FIRST = import.meta.glob<Catalogue>(["./*.json", "!./en.json"], { import: "default" });
const LATER = import.meta.glob<Catalogue>(["./*.json", "!./en.json"], {
  query: "?later",
  import: "default",
});

export type Language = {
  readonly tag: string;
  /** How times and lists are written: the reader's own way of the same language. */
  readonly locale: string;
  readonly dir: "ltr" | "rtl";
  readonly text: Text;
  /** Has what is said after the first page; until it has come, and where it cannot be had, in English. */
  readonly bringLater: () => Promise<void>;
};

/** What is said in a language after the first page. */
export async function textsForLater(tag: string): Promise<Catalogue> {
  return (await LATER[`./${tag}.json`]?.()) ?? {};
}

/** The first of `wanted` that there is a file for, else English. */
export function choose(wanted: readonly string[], available: readonly string[]): string {
  for (const tag of wanted) {
    const exact = available.find((one) => one.toLowerCase() === tag.toLowerCase());
    const broad = available.find((one) => one.toLowerCase() === tag.split("-")[0]?.toLowerCase());
    const found = exact ?? broad;
    if (found !== undefined) {
      return found;
    }
  }
  return "en";
}

const FILES = new Map(Object.entries(FIRST).map(([path, load]) => [path.slice(2, -5), load]));

/** The tags of all languages that there are. */
export const LANGUAGES: readonly string[] = ["en", ...FILES.keys()];

/** Loads the reader's language, with what a page says in it besides; else what a first page says. */
export async function loadLanguage(
  wanted: readonly string[],
  available = LANGUAGES,
  more?: (tag: string) => Promise<Catalogue>,
): Promise<Language> {
  const tag = choose(wanted, available);
  const load = FILES.get(tag);
  const all = load && Promise.all([load(), more?.(tag)]);
  const catalogue = await all?.then(([own, other]) => ({ ...own, ...other })).catch(() => null);
  const chosen = catalogue ? language(tag, catalogue) : language("en", {});
  return { ...chosen, locale: localeOf(chosen.tag, wanted) };
}

/** English as in Britain for who asks for that, though there is one English catalogue. */
export function localeOf(tag: string, wanted: readonly string[]): string {
  const base = (one: string) => one.toLowerCase().split("-")[0];
  return wanted.find((one) => base(one) === base(tag) && one !== tag) ?? tag;
}

/** A language of this catalogue, with English where a text is missing. */
export function language(tag: string, texts: Catalogue): Language {
  const catalogue = { ...texts };
  const say: Text = (key, values) => {
    const own = catalogue[key];
    const words = own ?? ENGLISH[key] ?? "";
    // A build has read them all.
    const pieces = import.meta.env.DEV && typeof words === "string" ? read(words) : words;
    return typeof pieces === "string"
      ? pieces
      : format(pieces, isolated(values, directionOf(tag)), own ? tag : "en");
  };
  return {
    tag,
    locale: tag,
    dir: directionOf(tag),
    text: say,
    bringLater: async () => {
      Object.assign(catalogue, await textsForLater(tag).catch(() => null));
    },
  };
}

/** What is put into a text from outside runs in its own direction, and leaves that of the text alone. */
function isolated(values: Values = {}, dir: "ltr" | "rtl"): Values {
  const isolate = (value: string | number) =>
    typeof value === "string" && (dir === "rtl" || OF_RIGHT_TO_LEFT.test(value))
      ? `\u2068${value}\u2069`
      : value;
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, isolate(value)]));
}

/** Letters that are written from right to left. */
const OF_RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/;

const RIGHT_TO_LEFT = ["ar", "dv", "fa", "he", "ku", "ps", "sd", "ug", "ur", "yi"];

export function directionOf(tag: string): "ltr" | "rtl" {
  return RIGHT_TO_LEFT.includes(tag.split("-")[0] ?? "") ? "rtl" : "ltr";
}
