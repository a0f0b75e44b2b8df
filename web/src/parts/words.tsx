// Some words to somebody, as many as a note has.

import type { Signal } from "@preact/signals";
import { useId } from "preact/hooks";
import { LONGEST_NOTE } from "../wire/limits";

type Props = {
  readonly words: Signal<string>;
  readonly label: string;
  readonly hint: string;
};

export function Words({ words, label, hint }: Props) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <p id={`${id}-hint`} class="hint">
        {hint}
      </p>
      <textarea
        id={id}
        rows={3}
        maxLength={LONGEST_NOTE}
        aria-describedby={`${id}-hint`}
        value={words.value}
        onInput={({ currentTarget }) => {
          words.value = currentTarget.value;
        }}
      />
    </div>
  );
}
