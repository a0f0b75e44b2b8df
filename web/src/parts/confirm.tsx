// Asks again before what cannot be taken back, in the browser's own dialogue.

import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import { useText } from "../text/context";
import { useDialog } from "./dialog";
import { BusyButton } from "./form";

type Props = {
  readonly title: string;
  /** What the button says that does it. */
  readonly action: string;
  readonly busy: boolean;
  readonly problem?: string | null;
  /** Whether it can be taken back, or hurts nobody. */
  readonly harmless?: boolean;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
  readonly children?: ComponentChildren;
};

export function Confirm(props: Props) {
  const { title, action, busy, problem, harmless, onConfirm, onClose, children } = props;
  const text = useText();
  const id = useId();
  const dialog = useDialog(onClose);
  return (
    <dialog {...dialog} class="confirm" aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {children}
      {problem && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
      <div class="actions">
        <BusyButton kind={harmless === true ? "primary" : "danger"} busy={busy} onPress={onConfirm}>
          {action}
        </BusyButton>
        {/* Enter, pressed too soon, must hurt nobody. */}
        <button
          type="button"
          class="secondary"
          autofocus={harmless !== true}
          onClick={dialog.onClose}
        >
          {text("go_back")}
        </button>
      </div>
    </dialog>
  );
}
