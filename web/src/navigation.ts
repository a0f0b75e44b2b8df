// Which page of several is shown, by the path in the address. The fragment, where a link keeps its
// secret, stays as it is.

import { computed, type ReadonlySignal, signal } from "@preact/signals";
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Language } from "./text/text";

/** What was done, in words, or how it is said in the reader's language, who may choose another. */
export type News = string | ((language: Language) => string);

export type Navigation = {
  /** Where this part begins within the one around it: `""` for a whole part of the application. */
  readonly base: string;
  /** The path within this part of the application: `""` for its first page, `"invite"`. */
  readonly path: ReadonlySignal<string>;
  /** What is told at the top of the page that comes next, once. */
  readonly news: ReadonlySignal<News | null>;
  /** The address of a path, as an `href`. */
  readonly href: (path: string) => string;
  /** Shows a page, with news of what was just done where there is some. */
  readonly go: (path: string, news?: News) => void;
  /** The same, in the place of the page shown: "back" does not lead to it again. */
  readonly replace: (path: string, news?: News) => void;
  /** What was told is over once something else is begun. */
  readonly hush: () => void;
};

/** The part of the browser that navigation needs; tests bring their own. */
export type Place = {
  readonly location: Pick<Location, "pathname" | "hash">;
  readonly history: Pick<History, "pushState" | "replaceState">;
  readonly addEventListener: (type: "popstate", listener: () => void) => void;
  readonly scrollTo: (x: number, y: number) => void;
};

/** Follows the address below `base`, which is `/office` or `/j/<id>`. */
export function navigate(base: string, place: Place): Navigation {
  const path = signal(pathBelow(base, place.location.pathname));
  const news = signal<News | null>(null);
  const href = (to: string) => `${to === "" ? base : `${base}/${to}`}${place.location.hash}`;
  const show = (to: string, told: News | undefined) => {
    news.value = told ?? null;
    path.value = to;
    place.scrollTo(0, 0);
  };
  place.addEventListener("popstate", () => {
    news.value = null;
    path.value = pathBelow(base, place.location.pathname);
  });
  return {
    base: "",
    path,
    news,
    href,
    go: (to, told) => {
      place.history.pushState(null, "", href(to));
      show(to, told);
    },
    replace: (to, told) => {
      place.history.replaceState(null, "", href(to));
      show(to, told);
    },
    hush: () => {
      news.value = null;
    },
  };
}

/** The pages below one of `outer`'s, as a part of their own. */
export function within(outer: Navigation, base: string): Navigation {
  const at = (path: string) => (path === "" ? base : `${base}/${path}`);
  return {
    base,
    path: computed(() => pathBelow(base, outer.path.value)),
    news: outer.news,
    href: (path) => outer.href(at(path)),
    go: (path, news) => outer.go(at(path), news),
    replace: (path, news) => outer.replace(at(path), news),
    hush: outer.hush,
  };
}

/** The path below `base`, without slashes around it. */
export function pathBelow(base: string, pathname: string): string {
  const below = pathname.startsWith(base) ? pathname.slice(base.length) : "";
  return below.replace(/^\/+|\/+$/g, "");
}

/**
 * The parts of a path where it has the shape of `pattern`: `"evenings/:"` takes `"evenings/7"`. A
 * last `*` takes whatever follows, and nothing too.
 */
export function match(pattern: string, path: string): readonly string[] | null {
  const rest = pattern.endsWith("/*");
  const wanted = (rest ? pattern.slice(0, -2) : pattern).split("/");
  const all = path.split("/");
  const given = rest ? all.slice(0, wanted.length) : all;
  if (wanted.length !== given.length) {
    return null;
  }
  const parts: string[] = [];
  for (const [index, part] of wanted.entries()) {
    const found = given[index] ?? "";
    if (part === ":" && found !== "") {
      parts.push(decode(found));
    } else if (part !== found) {
      return null;
    }
  }
  return parts;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export const NavigationContext = createContext<Navigation | null>(null);

export function useNavigation(): Navigation {
  const navigation = useContext(NavigationContext);
  if (navigation === null) {
    throw new Error("pages that lead to others are drawn inside NavigationContext");
  }
  return navigation;
}
