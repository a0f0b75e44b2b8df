// Erases somebody out of a list, after asking (DIR-10).

import type { ComponentChildren } from "preact";
import type { Answer } from "../http/ask";
import { useAct } from "../parts/act";
import { Confirm } from "../parts/confirm";
import { useText } from "../text/context";

type Props = {
  readonly name: string;
  readonly work: () => Promise<Answer<unknown>>;
  readonly onClose: () => void;
  readonly onErased: () => Promise<void>;
  /** What goes and what stays. */
  readonly children: ComponentChildren;
};

export function Erase({ name, work, onClose, onErased, children }: Props) {
  const text = useText();
  const act = useAct(work);
  return (
    <Confirm
      title={text("erase_title", { name })}
      action={text("erase")}
      busy={act.busy}
      problem={act.problem}
      onClose={onClose}
      onConfirm={() => void act.run(onErased)}
    >
      {children}
    </Confirm>
  );
}

type ButtonProps = { readonly name: string; readonly onPress: () => void };

/** Asks for it. */
export function EraseButton({ name, onPress }: ButtonProps) {
  const text = useText();
  return (
    <button
      type="button"
      class="secondary"
      aria-label={text("erase_named", { name })}
      onClick={onPress}
    >
      {text("erase")}
    </button>
  );
}
