// The clock of the talk, for everybody in it, and what may be done about it.

import { useApp } from "../app";
import type { CallPhase, TalkClock } from "../session/state";
import type { Text } from "../text/text";
import { clockWords, secondsUntil, useNow } from "./ticking";

/** From here on the end is near. */
const SOON_S = 60;

export function TalkBar({ phase }: { readonly phase: CallPhase }) {
  const { report, text } = useApp();
  const { clock, powers } = phase;
  if (clock === null) {
    return null;
  }
  // Where none fits, the answer says so.
  const longer = () => report({ type: "asked", message: { type: "add_minute" } });
  return (
    <div class="talk-bar">
      <Countdown clock={clock} />
      {powers.includes("extend") && (
        <button
          type="button"
          class="secondary"
          aria-disabled={!clock.mayBeLonger}
          title={clock.mayBeLonger ? undefined : text("clock_no_room")}
          onClick={longer}
        >
          {text("clock_add_minute")}
        </button>
      )}
    </div>
  );
}

/** It counts for the eye: a screen reader is told twice, and whenever somebody looks at it. */
function Countdown({ clock }: { readonly clock: TalkClock }) {
  const { text } = useApp();
  const now = useNow();
  const begins = clock.beginsAt === null ? 0 : secondsUntil(clock.beginsAt, now);
  const seconds = begins > 0 ? begins : secondsUntil(clock.endsAt, now);
  const near = begins === 0 && seconds <= SOON_S;
  return (
    <p class={near ? "countdown near" : "countdown"} role="timer">
      {wordsOf(seconds, begins > 0 ? "clock_begins" : "clock_left", text)}
    </p>
  );
}

/** Written out: a page brings along what its sources name. */
const HOURS = { clock_begins: "clock_begins_hours", clock_left: "clock_left_hours" } as const;

/** Where there are hours left nobody counts seconds. */
export function wordsOf(seconds: number, key: "clock_begins" | "clock_left", text: Text): string {
  const minutes = Math.floor(seconds / 60);
  if (minutes >= 60) {
    return text(HOURS[key], { hours: Math.floor(minutes / 60), minutes: minutes % 60 });
  }
  return text(key, { time: clockWords(seconds) });
}
