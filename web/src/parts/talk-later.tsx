// What is written in a call, and its settings, come after its screen: pictures and sound come first.

import { useApp } from "../app";
import type { CallPhase } from "../session/state";
import { later, useNow } from "./later";

export const talkPart = later(() => import("./talk-part"));

type Props = { readonly phase: CallPhase };

export function ChatWhenHere({ phase }: Props) {
  const here = talkPart.part.value;
  return here === null ? <NotHereYet /> : <here.Chat phase={phase} />;
}

/** What was pressed in vain, and a line that stays lost. */
export function NotDoneWhenHere({ phase, isLost }: Props & { readonly isLost: boolean }) {
  const here = talkPart.part.value;
  return here === null ? null : (
    <>
      <here.UndoneBanner undone={phase.undone} />
      {isLost && <here.LongLostBanner />}
    </>
  );
}

export function SettingsWhenHere({ onClose }: { readonly onClose: () => void }) {
  useNow(talkPart);
  const here = talkPart.part.value;
  return here === null ? null : <here.Settings onClose={onClose} />;
}

function NotHereYet() {
  const { text } = useApp();
  useNow(talkPart);
  return (
    <section class="chat" aria-label={text("chat_title")}>
      <p role="status">{text(talkPart.isLost.value ? "call_part_lost" : "loading")}</p>
    </section>
  );
}
