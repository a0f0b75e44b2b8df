// Times where there is no evening's zone to go by: in the reader's own.

import { useLanguage } from "../text/context";
import { timesIn } from "../text/times";

export function useOwnTimes() {
  const { locale } = useLanguage();
  return timesIn(locale, Intl.DateTimeFormat().resolvedOptions().timeZone);
}
