// The call's screen comes after the page with Join on it: whoever presses Join finds it there.

import { useApp } from "../app";
import { later, useNow } from "../parts/later";
import { Page } from "../parts/page";
import type { CallPhase } from "../session/state";

export const callScreen = later(async () => (await import("./call")).CallPage);

export function CallWhenHere({ phase }: { readonly phase: CallPhase }) {
  const Screen = callScreen.part.value;
  return Screen === null ? <NotHereYet phase={phase} /> : <Screen phase={phase} />;
}

function NotHereYet({ phase }: { readonly phase: CallPhase }) {
  const { report, text } = useApp();
  useNow(callScreen);
  const isLost = callScreen.isLost.value;
  return (
    <Page state="joining" name="call-later" heading={phase.call.title} dark>
      <div class="stage">
        <p class="alone" role="status">
          {text(isLost ? "call_part_lost" : "loading")}
        </p>
      </div>
      <div class="controls">
        {isLost && (
          // Browsers keep in mind what could not be had, as long as the page; the seat is kept meanwhile.
          <button type="button" class="control" onClick={() => location.reload()}>
            {text("over_reload")}
          </button>
        )}
        <button
          type="button"
          class="control leave"
          onClick={() => report({ type: "leave_pressed" })}
        >
          {text("call_leave")}
        </button>
      </div>
    </Page>
  );
}
