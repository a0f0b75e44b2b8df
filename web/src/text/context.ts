// The reader's language, for everything that is drawn inside it.

import type { ReadonlySignal } from "@preact/signals";
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Language, Text } from "./text";

export type Languages = {
  /** The one that the page is in. */
  readonly current: ReadonlySignal<Language>;
  /** The tags of those that there are for this page. */
  readonly all: readonly string[];
  /** What the reader has chosen since the page was opened, or what is kept with their link. */
  readonly chosen: ReadonlySignal<string | null>;
  /** Has the page in this language; on this device from now on, where the reader chose it here. */
  readonly choose: (tag: string, here: boolean) => Promise<void>;
};

export const LanguageContext = createContext<Languages | null>(null);

export function useLanguages(): Languages {
  const languages = useContext(LanguageContext);
  if (languages === null) {
    throw new Error("the whole page is drawn inside LanguageContext");
  }
  return languages;
}

export function useLanguage(): Language {
  return useLanguages().current.value;
}

export function useText(): Text {
  return useLanguage().text;
}
