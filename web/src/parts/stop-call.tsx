// Ends the call for everybody, for abuse, with a word to the school's office (SCR-14).

import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { useApp } from "../app";
import { newAttempt } from "../http/ask";
import type { Link } from "../http/links";
import { stopCall } from "../http/stop";
import { LONGEST_NOTE } from "../wire/limits";
import { useAct } from "./act";
import { Confirm } from "./confirm";
import { TextField } from "./text-field";

type Props = {
  readonly link: Link;
  readonly meeting: string;
  readonly onClose: () => void;
};

export function StopCall({ link, meeting, onClose }: Props) {
  const { state, text } = useApp();
  const { view } = state.value;
  const hasDoor = (view?.room ?? view?.area) !== undefined;
  const note = useSignal("");
  // A retry ends nothing more.
  const attempt = useRef(newAttempt());
  const stop = useAct(() =>
    stopCall(link, meeting, { attempt: attempt.current, note: note.value }),
  );
  return (
    <Confirm
      title={text("stop_title")}
      action={text("stop_do")}
      busy={stop.busy}
      problem={stop.problem}
      onClose={onClose}
      onConfirm={() => void stop.run(onClose)}
    >
      <p>{text("stop_text")}</p>
      {hasDoor && <p>{text("stop_door")}</p>}
      <TextField
        form={{
          values: { note: note.value },
          set: (_, typed) => {
            note.value = typed;
          },
        }}
        name="note"
        label={text("stop_note")}
        hint={text("stop_note_hint")}
        lines={3}
        maxLength={LONGEST_NOTE}
      />
    </Confirm>
  );
}
