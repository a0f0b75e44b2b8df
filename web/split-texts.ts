// The office's texts come with the office's page alone.
//
// There is one file of texts for each language, and whoever writes them need not know which page
// shows which. At a build, what no source outside of the office names is taken out of the file for
// families and put into a module for the office.

import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Plugin } from "vite";

/** What the office imports; at a build its texts, else none, because nothing was taken out. */
const OFFICE = "virtual:texts-of-the-office";

/** How a source names a text: whole, or by its first words where the rest is put in. */
const NAMED = /["'`]([a-z][a-z0-9_]*)(["'`]|(?<=_)\$\{)/g;

export function splitTexts(): Plugin {
  let isBuild = false;
  let root = "";
  const texts = () => {
    const path = join(root, "src/text/en.json");
    return JSON.parse(readFileSync(path, "utf8")) as Record<string, string>;
  };
  const chosen = (ofOffice: boolean) => {
    const isNamed = namedOutside(root);
    const entries = Object.entries(texts()).filter(([key]) => isNamed(key) !== ofOffice);
    return JSON.stringify(Object.fromEntries(entries));
  };
  return {
    name: "split-texts",
    enforce: "pre",
    configResolved: (config) => {
      isBuild = config.command === "build";
      root = config.root;
    },
    resolveId: (id) => (id === OFFICE ? `\0${OFFICE}` : undefined),
    load: {
      handler(id) {
        if (id === `\0${OFFICE}`) {
          return `export const texts = ${isBuild ? chosen(true) : "{}"};`;
        }
        const isTexts = isBuild && id.endsWith("/src/text/en.json");
        return isTexts ? { code: `export default ${chosen(false)};`, moduleType: "js" } : undefined;
      },
    },
  };
}

/** Whether anything outside of the office names the text of a key. */
function namedOutside(root: string): (key: string) => boolean {
  const whole = new Set<string>();
  const beginnings = new Set<string>();
  const sources = globSync("src/**/*.{ts,tsx}", { cwd: root }).filter(
    (path) => !/^src\/(?:account|office)[./]|\.test\.ts$/.test(path),
  );
  for (const path of sources) {
    for (const [, name = "", end] of readFileSync(join(root, path), "utf8").matchAll(NAMED)) {
      (end === "${" ? beginnings : whole).add(name);
    }
  }
  return (key) =>
    whole.has(key) || [...beginnings].some((beginning) => key.startsWith(beginning));
}
