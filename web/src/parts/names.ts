// Several names in one sentence.

import { useLanguage } from "../text/context";
import { directionOf } from "../text/text";

/** "Ms Okafor, Mr Lindqvist and Dr Haddad", as the reader's language joins names. */
export function useNames(): (names: readonly string[]) => string {
  const { locale } = useLanguage();
  return (names) => namesIn(names, locale);
}

export function namesIn(names: readonly string[], locale: string): string {
  const tag = locale || "en";
  // Each in its own direction, so that the list keeps that of the language.
  const isolates = names.length > 1 && directionOf(tag) === "rtl";
  const all = isolates ? names.map((name) => `\u2068${name}\u2069`) : names;
  return new Intl.ListFormat(tag, { type: "conjunction" }).format(all);
}
