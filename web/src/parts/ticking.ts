// Time as a page shows it.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

/** Minutes and seconds, as a clock shows them. */
export function clockWords(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** Whole seconds until a moment of this page's own clock; 0 once it is over. */
export function secondsUntil(moment: number, now: number): number {
  return Math.max(0, Math.ceil((moment - now) / 1_000));
}

/** `performance.now()`, looked at a few times a second. */
export function useNow(): number {
  const now = useSignal(performance.now());
  useEffect(() => {
    const timer = setInterval(() => {
      now.value = performance.now();
    }, 250);
    return () => clearInterval(timer);
  }, [now]);
  return now.value;
}
