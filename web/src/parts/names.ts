// Several names in one sentence.

import { useLanguage } from "../text/context";

/** "Ms Okafor, Mr Lindqvist and Dr Haddad", as the reader's language joins names. */
export function useNames(): (names: readonly string[]) => string {
  const { locale } = useLanguage();
  return (names) => namesIn(names, locale);
}

export function namesIn(names: readonly string[], locale: string): string {
  return new Intl.ListFormat(locale || "en", { type: "conjunction" }).format(names);
}
