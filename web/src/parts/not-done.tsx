// What the call's screen says where something is not done, or not for long: by the lost line, or refused.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { useApp } from "../app";
import type { CallPhase, Undone } from "../session/state";
import type { TextKey } from "../text/text";
import { Help } from "./help";

const WHY: Readonly<Record<Undone, TextKey>> = {
  offline: "undone_offline",
  too_fast: "undone_too_fast",
  not_allowed: "undone_not_allowed",
  no_room: "clock_no_room",
};

/** What somebody pressed last had no effect. */
export function UndoneBanner({ undone }: Pick<CallPhase, "undone">) {
  const { report, text } = useApp();
  return undone === null ? null : (
    <div class="banner undone">
      <p role="alert">{text(WHY[undone])}</p>
      <button type="button" class="secondary" onClick={() => report({ type: "undone_read" })}>
        {text("call_dismiss")}
      </button>
    </div>
  );
}

/** Until then a connection mostly comes back before anybody has read anything. */
const LONG_MS = 10_000;

/** The connection does not come back: what the reader can do, and whom they can ask. */
export function LongLostBanner() {
  const { text } = useApp();
  const isLong = useSignal(false);
  useEffect(() => {
    const timer = setTimeout(() => {
      isLong.value = true;
    }, LONG_MS);
    return () => clearTimeout(timer);
  }, [isLong]);
  return isLong.value ? (
    <div class="banner long-lost">
      <p role="status">{text("call_reconnecting_long")}</p>
      <Help />
    </div>
  ) : null;
}
