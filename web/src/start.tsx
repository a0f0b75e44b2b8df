// Begins a page: the reader's language first, then what is drawn in it.

import { type ComponentChildren, render } from "preact";
import { keepTextsApart } from "./text/apart";
import { LanguageContext } from "./text/context";
import { type Language, loadLanguage } from "./text/text";

/**
 * Draws what `part` gives in place of the plain words that came with the page. In a browser that cannot
 * run this they stay, and say what to use.
 */
export async function start(part: (language: Language) => ComponentChildren): Promise<void> {
  keepTextsApart();
  const language = await loadLanguage(navigator.languages);
  document.documentElement.lang = language.tag;
  document.documentElement.dir = language.dir;
  const root = document.getElementById("app");
  if (root !== null) {
    render(
      <LanguageContext.Provider value={language}>{part(language)}</LanguageContext.Provider>,
      root,
    );
    document.getElementById("plain")?.remove();
  }
}
