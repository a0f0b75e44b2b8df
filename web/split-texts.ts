// Texts come to a page as it needs them.
//
// There is one file of texts for each language, and whoever writes them need not know which page shows which.
// At a build, what no source of a family's first page names is taken out of the English file that this brings
// along, and put into a module for the part whose sources name it: the office, the call, what is written in
// it and its settings, its panel to invite guests, what leads on from My Bookings, what is known of those who wait, what is
// wrong with camera and microphone, the page without a link. Texts into which something is put are read at
// the build as well, so that no page brings the reader of such texts along.

import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Plugin } from "vite";
import { read } from "./src/text/read.ts";

/** Where a family's page begins; it brings along what it imports, but for the parts that come later. */
const FIRST = "src/families.tsx";

const OFFICE = "src/office.tsx";
const FURTHER = "src/pages/parent/further.tsx";

/** What comes later or is another page: where it begins, and what that imports its texts as. */
const PARTS: ReadonlyMap<string, string> = new Map([
  ["virtual:texts-of-the-office", OFFICE],
  ["virtual:texts-of-the-call", "src/pages/call.tsx"],
  ["virtual:texts-of-the-talk", "src/parts/talk-part.tsx"],
  ["virtual:texts-of-inviting", "src/invite/panel.tsx"],
  ["virtual:texts-of-further-pages", FURTHER],
  ["virtual:texts-of-areas", "src/pages/area.tsx"],
  ["virtual:texts-of-waiting", "src/parts/waiting-part.tsx"],
  ["virtual:texts-of-trouble", "src/parts/trouble-note.tsx"],
  ["virtual:texts-of-the-start", "src/start-part.tsx"],
]);

/** How a source names a text: whole, or by its first words where the rest is put in. */
const NAMED = /["'`]([a-z][a-z0-9_]*)(["'`]|(?<=_)\$\{)/g;

/**
 * What a server refuses, by its codes. But for those that a source writes out whole they come with the
 * pages on which much is entered; elsewhere the server's own sentence is shown, which is in English too.
 */
const OF_FORMS = /^(?:field|refusal)_/;
const HAS_FORMS: readonly string[] = [OFFICE, FURTHER];

/** What e-mails and text messages say (`crates/post`): no page shows it. */
export const OF_THE_POST = /^post_/;

/** Whose texts families do not bring along, in any language. */
const OF_OTHERS = /^src\/(?:office|staff)[./]|\.test\.ts$/;

/** How a source imports another, for more than its types. */
const IMPORTS = /^(?:import|export)\s(?!type\s)[^;]*?from "(\.[^"]+)"|\bimport\("(\.[^"]+)"\)/gm;

type Texts = Readonly<Record<string, string>>;
type IsNamed = (key: string) => boolean;
/** Whether the text of a key is named: written out whole, or at all. */
type Named = { readonly whole: IsNamed; readonly atAll: IsNamed };

export function splitTexts(): Plugin {
  let isBuild = false;
  let root = "";
  const textsIn = (path: string): Texts => {
    const all = Object.entries(JSON.parse(readFileSync(path, "utf8")) as Texts);
    return Object.fromEntries(all.filter(([key]) => !OF_THE_POST.test(key)));
  };
  /** The English texts of the first page, or of a part. */
  const english = (part?: string) => {
    const isOf = textsOf(root, part);
    const entries = Object.entries(textsIn(join(root, "src/text/en.json")));
    return Object.fromEntries(entries.filter(([key]) => isOf(key)));
  };
  /** The texts of another language that are asked for in this way. */
  const other = (path: string, query: string | undefined) => {
    const askedAs = wayOf(root);
    const entries = Object.entries(textsIn(path));
    return Object.fromEntries(entries.filter(([key]) => askedAs(key) === query));
  };
  return {
    name: "split-texts",
    enforce: "pre",
    configResolved: (config) => {
      isBuild = config.command === "build";
      root = config.root;
    },
    resolveId: (id) => (PARTS.has(id) ? `\0${id}` : undefined),
    load: {
      handler(id) {
        const part = id.startsWith("\0") ? PARTS.get(id.slice(1)) : undefined;
        if (part !== undefined) {
          // Where nothing was built nothing was taken out.
          return `export const texts = ${isBuild ? written(english(part)) : "{}"};`;
        }
        const [, path, query] = /^(.*\/src\/text\/[\w-]+\.json)(\?later|\?staff)?$/.exec(id) ?? [];
        if (!isBuild || path === undefined) {
          return;
        }
        const texts = path.endsWith("/en.json") ? english() : other(path, query);
        return { code: `export default ${written(texts)};`, moduleType: "js" };
      },
    },
  };
}

/**
 * How the text of a key is asked for in any language but English: with a first page; with what a family's
 * pages say later; with what only pages of others say.
 */
export function wayOf(root: string): (key: string) => "?later" | "?staff" | undefined {
  const isOfFamilies = namedOutside(root, OF_OTHERS);
  const isFirst = textsOf(root);
  return (key) => {
    if (!isOfFamilies(key)) {
      return "?staff";
    }
    return isFirst(key) ? undefined : "?later";
  };
}

/** The texts as a page takes them in. */
function written(texts: Texts): string {
  const entries = Object.entries(texts).map(([key, words]) => [
    key,
    read(words),
  ]);
  return JSON.stringify(Object.fromEntries(entries));
}

/** Which texts the first page brings along, or a part that begins with the source at `part`. */
export function textsOf(root: string, part?: string): IsNamed {
  const parts = [...PARTS.values()];
  const first = namedIn(root, reachedFrom(root, FIRST, parts));
  const isFirst = (key: string) => (OF_FORMS.test(key) ? first.whole(key) : first.atAll(key));
  if (part === undefined) {
    return isFirst;
  }
  const named = new Map(
    parts.map((one) => {
      const others = parts.filter((other) => other !== one);
      return [one, namedIn(root, reachedFrom(root, one, others))];
    }),
  );
  // What no source is seen to name is with the office.
  const isOfNobody = (key: string) =>
    part === OFFICE && ![...named.values()].some(({ atAll }) => atAll(key));
  const isIn = (key: string) => {
    const { whole, atAll } = named.get(part) ?? NOTHING;
    return HAS_FORMS.includes(part) || !OF_FORMS.test(key) ? atAll(key) : whole(key);
  };
  return (key) => !isFirst(key) && (isIn(key) || isOfNobody(key));
}

const NOTHING: Named = { whole: () => false, atAll: () => false };

/** The sources that a family's first page and the office's both bring along. */
export function broughtByBoth(root: string): ReadonlySet<string> {
  const [first, office] = [FIRST, OFFICE].map((from) => reachedFrom(root, from, [], false));
  return new Set([...(first ?? [])].filter((path) => office?.has(path)));
}

/**
 * The sources that the one at `from` imports, however often removed, and itself; without `but`, and
 * without what `later` comes where that is said.
 */
function reachedFrom(
  root: string,
  from: string,
  but: readonly string[] = [],
  isLaterToo = true,
): Set<string> {
  const reached = new Set<string>();
  const open = [from];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    if (reached.has(path) || but.includes(path)) {
      continue;
    }
    reached.add(path);
    for (const [, always, later] of readFileSync(join(root, path), "utf8").matchAll(IMPORTS)) {
      if (always === undefined && !isLaterToo) {
        continue;
      }
      const named = join(dirname(path), always ?? later ?? "");
      const found = [`${named}.ts`, `${named}.tsx`].find((one) => existsSync(join(root, one)));
      open.push(...(found === undefined ? [] : [found]));
    }
  }
  return reached;
}

/** Whether anything outside of the office, or of what else is named, names the text of a key. */
export function namedOutside(root: string, inside: RegExp): IsNamed {
  const sources = globSync("src/**/*.{ts,tsx}", { cwd: root });
  return namedIn(
    root,
    sources.filter((path) => !inside.test(path)),
  ).atAll;
}

/** Whether one of these sources names the text of a key. */
function namedIn(root: string, sources: Iterable<string>): Named {
  const whole = new Set<string>();
  const beginnings = new Set<string>();
  for (const path of sources) {
    for (const [, name = "", end] of readFileSync(join(root, path), "utf8").matchAll(NAMED)) {
      (end === "${" ? beginnings : whole).add(name);
    }
  }
  const isWhole = (key: string) => whole.has(key);
  const isBegun = (key: string) => [...beginnings].some((one) => key.startsWith(one));
  return { whole: isWhole, atAll: (key) => isWhole(key) || isBegun(key) };
}
