// Why the person is on the join page again, or must wait before the next press.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { useApp } from "../app";
import type { JoinNotice } from "../session/state";
import { CopyLink } from "./copy-link";

export function JoinNoticeNote({ notice }: { readonly notice: JoinNotice | null }) {
  const { report, state, text } = useApp();
  const seconds = useSecondsUntil(notice?.type === "wait" ? notice.until : null);
  if (state.value.goesOn !== null) {
    return (
      <div class="note">
        <p>{text("join_goes_on")}</p>
        <button type="button" class="secondary" onClick={() => report({ type: "stay_pressed" })}>
          {text("goes_on_stay")}
        </button>
      </div>
    );
  }
  if (notice === null) {
    return null;
  }
  if (notice.type === "cannot_call") {
    return (
      <div class="note warning">
        <p>{text("join_cannot_call")}</p>
        <CopyLink />
      </div>
    );
  }
  if (notice.type !== "wait") {
    return <p class="note">{text(`join_${notice.type}`)}</p>;
  }
  const words = seconds > 0 ? text(`join_wait_${notice.why}`, { seconds }) : text("join_wait_over");
  // Not live while it counts: a screen reader would read out every second.
  return <p class="note warning">{words}</p>;
}

/** The whole seconds until a moment of `performance.now()`; 0 from then on, and for `null`. */
export function useSecondsUntil(moment: number | null): number {
  const seconds = useSignal(left(moment));
  useEffect(() => {
    seconds.value = left(moment);
    if (moment === null) {
      return;
    }
    const timer = setInterval(() => {
      seconds.value = left(moment);
      if (seconds.value === 0) {
        clearInterval(timer);
      }
    }, 250);
    return () => clearInterval(timer);
  }, [moment, seconds]);
  return seconds.value;
}

/** For how long Join cannot be pressed yet, whole seconds; 0 where it can. */
export function useWait(): number {
  const { phase } = useApp().state.value;
  const notice = phase.type === "join" ? phase.notice : null;
  return useSecondsUntil(notice?.type === "wait" ? notice.until : null);
}

function left(moment: number | null): number {
  return moment === null ? 0 : Math.max(0, Math.ceil((moment - performance.now()) / 1000));
}
