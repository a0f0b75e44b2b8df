// Begins a page: the reader's language first, then what is drawn in it.

import { signal } from "@preact/signals";
import { type ComponentChildren, render } from "preact";
import { bringWordsBy } from "./parts/later";
import { chosenLanguage, saveChosenLanguage } from "./storage/preferences";
import { keepTextsApart } from "./text/apart";
import { LanguageContext, type Languages } from "./text/context";
import { type Catalogue, LANGUAGES, type Language, loadLanguage, textsForLater } from "./text/text";

/** What a page says beside what all say, in a language. */
type MoreTexts = (tag: string) => Promise<Catalogue>;

/**
 * Draws what `part` gives in place of the plain words that came with the page. In a browser that cannot
 * run this they stay, and say what to use.
 */
export async function start(
  part: (languages: Languages) => ComponentChildren,
  all = LANGUAGES,
  more?: MoreTexts,
): Promise<void> {
  keepTextsApart();
  const languages = await speak(all, more);
  const root = document.getElementById("app");
  if (root !== null) {
    render(
      <LanguageContext.Provider value={languages}>{part(languages)}</LanguageContext.Provider>,
      root,
    );
    document.getElementById("plain")?.remove();
  }
}

async function speak(all: readonly string[], more?: MoreTexts): Promise<Languages> {
  const kept = chosenLanguage();
  const wanted = (tag: string | null) => [...(tag === null ? [] : [tag]), ...navigator.languages];
  const current = signal<Language>(await loadLanguage(wanted(kept), all, more));
  const chosen = signal<string | null>(null);
  if (more === undefined) {
    bringWordsBy(current.peek().bringLater);
  }
  current.subscribe(({ tag, dir }) => {
    document.documentElement.lang = tag;
    document.documentElement.dir = dir;
  });
  const choose = async (tag: string, here: boolean) => {
    chosen.value = tag;
    if (here) {
      saveChosenLanguage(tag);
    }
    // By now parts are there that came later.
    const language = await loadLanguage(wanted(tag), all, more ?? textsForLater);
    // Of two choices the later one counts, whichever comes first.
    if (chosen.peek() === tag) {
      bringWordsBy(async () => {});
      current.value = language;
    }
  };
  return { current, all, chosen, choose };
}
