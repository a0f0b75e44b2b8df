// Keeps the screen on during a call.

import { effect, type ReadonlySignal } from "@preact/signals";
import type { State } from "../session/state";

/** Holds a wake lock while in the call; the browser drops it whenever the page is hidden. */
export function keepAwake(state: ReadonlySignal<State>): void {
  if (!("wakeLock" in navigator)) {
    return;
  }
  let lock: WakeLockSentinel | null = null;
  let wanted = false;
  const refresh = async () => {
    if (!wanted) {
      await lock?.release();
      lock = null;
    } else if (document.visibilityState === "visible" && (lock === null || lock.released)) {
      lock = await navigator.wakeLock.request("screen");
    }
  };
  // A refusal (a low battery) leaves things as they were.
  const quietly = () => void refresh().catch(() => undefined);
  effect(() => {
    wanted = state.value.phase.type === "call";
    quietly();
  });
  document.addEventListener("visibilitychange", quietly);
}
