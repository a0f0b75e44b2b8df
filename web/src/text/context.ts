// The reader's language, for everything that is drawn inside it.

import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Language, Text } from "./text";

export const LanguageContext = createContext<Language | null>(null);

export function useLanguage(): Language {
  const language = useContext(LanguageContext);
  if (language === null) {
    throw new Error("the whole page is drawn inside LanguageContext");
  }
  return language;
}

export function useText(): Text {
  return useLanguage().text;
}
