// Texts come to a page as it needs them.
//
// There is one file of texts for each language, and whoever writes them need not know which page
// shows which. At a build, what no source outside of the office names is taken out of the file for
// families and put into a module for the office. Texts into which something is put are read at the
// build as well, so that no page brings the reader of such texts along.

import { globSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { IntlMessageFormat } from "intl-messageformat";
import type { Plugin } from "vite";

/** What the office imports; at a build its texts, else none, because nothing was taken out. */
const OFFICE = "virtual:texts-of-the-office";

/** What reads texts where they stand as they were written, and what takes its place at a build. */
const READER = "@formatjs/icu-messageformat-parser";
const NO_READER = "@formatjs/icu-messageformat-parser/no-parser.js";

/** How a source names a text: whole, or by its first words where the rest is put in. */
const NAMED = /["'`]([a-z][a-z0-9_]*)(["'`]|(?<=_)\$\{)/g;

type Texts = Readonly<Record<string, string>>;

export function splitTexts(): Plugin {
  let isBuild = false;
  let root = "";
  const textsIn = (path: string) => JSON.parse(readFileSync(path, "utf8")) as Texts;
  const english = (ofOffice: boolean) => {
    const isNamed = namedOutside(root);
    const entries = Object.entries(textsIn(join(root, "src/text/en.json")));
    return Object.fromEntries(entries.filter(([key]) => isNamed(key) !== ofOffice));
  };
  return {
    name: "split-texts",
    enforce: "pre",
    configResolved: (config) => {
      isBuild = config.command === "build";
      root = config.root;
    },
    resolveId: (id) => {
      if (id === OFFICE) {
        return `\0${OFFICE}`;
      }
      const { resolve } = createRequire(createRequire(import.meta.url).resolve("intl-messageformat"));
      return isBuild && id === READER ? resolve(NO_READER) : undefined;
    },
    load: {
      handler(id) {
        if (id === `\0${OFFICE}`) {
          return `export const texts = ${isBuild ? written(english(true)) : "{}"};`;
        }
        if (!(isBuild && /\/src\/text\/[\w-]+\.json$/.test(id))) {
          return;
        }
        const texts = id.endsWith("/en.json") ? english(false) : textsIn(id);
        return { code: `export default ${written(texts)};`, moduleType: "js" };
      },
    },
  };
}

/** The texts as a page takes them in: those that say the same to everybody as they stand. */
function written(texts: Texts): string {
  const entries = Object.entries(texts).map(([key, words]) => [
    key,
    words.includes("{") ? IntlMessageFormat.__parse?.(words) : words,
  ]);
  return JSON.stringify(Object.fromEntries(entries));
}

/** Whether anything outside of the office, or of what else is named, names the text of a key. */
export function namedOutside(
  root: string,
  inside = /^src\/(?:account|office|staff)[./]|\.test\.ts$/,
): (key: string) => boolean {
  const whole = new Set<string>();
  const beginnings = new Set<string>();
  const sources = globSync("src/**/*.{ts,tsx}", { cwd: root }).filter(
    (path) => !inside.test(path),
  );
  for (const path of sources) {
    for (const [, name = "", end] of readFileSync(join(root, path), "utf8").matchAll(NAMED)) {
      (end === "${" ? beginnings : whole).add(name);
    }
  }
  return (key) =>
    whole.has(key) || [...beginnings].some((beginning) => key.startsWith(beginning));
}
