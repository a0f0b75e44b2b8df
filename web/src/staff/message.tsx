// What a provider writes to somebody who waits, or to all of them (WAIT-1).

import { useSignal } from "@preact/signals";
import type { Answer } from "../http/ask";
import { useAct } from "../parts/act";
import { Confirm } from "../parts/confirm";
import { Words } from "../parts/words";
import { useText } from "../text/context";
import { done } from "./done";

type Props = {
  readonly title: string;
  /** What they were sent before; may be empty. */
  readonly before: string;
  readonly send: (words: string) => Promise<Answer<unknown>>;
  readonly reload: () => Promise<void>;
  readonly onClose: () => void;
};

export function Message({ title, before, send, reload, onClose }: Props) {
  const text = useText();
  const words = useSignal(before);
  const missing = useSignal(false);
  const act = useAct(() => send(words.value.trim()));
  return (
    <Confirm
      title={title}
      action={text("caller_message_do")}
      busy={act.busy}
      problem={missing.value ? text("visit_words_missing") : act.problem}
      harmless
      onClose={onClose}
      onConfirm={() => {
        missing.value = saysNothing(words.value, before);
        if (!missing.value) {
          void act.run(() => done(onClose, reload));
        }
      }}
    >
      <Words
        words={words}
        label={text("caller_message_words")}
        hint={text("caller_message_hint")}
      />
    </Confirm>
  );
}

/** Whether nothing would come of it: what was sent before can be taken back. */
export function saysNothing(words: string, before: string): boolean {
  return words.trim() === "" && before === "";
}
