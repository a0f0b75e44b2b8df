// Time as a page shows it.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { TalkClock } from "../session/state";

/** Minutes and seconds, as a clock shows them. */
export function clockWords(seconds: number): string {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** Whole seconds until a moment of this page's own clock; 0 once it is over. */
export function secondsUntil(moment: number, now: number): number {
  return Math.max(0, Math.ceil((moment - now) / 1_000));
}

/** From here on the end of a talk is near. */
const SOON_S = 60;

/** Whether the last minute of a talk runs, or it is over. */
export function isNearEnd({ beginsAt, endsAt }: TalkClock, now: number): boolean {
  const hasBegun = beginsAt === null || secondsUntil(beginsAt, now) === 0;
  return hasBegun && secondsUntil(endsAt, now) <= SOON_S;
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
