// Whoever waits for the school's approval at a door reads what to do; why, nobody learns.

import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import type { Answer } from "../http/ask";
import { useText } from "../text/context";

type Held = {
  /** Looks at an answer as it passes. */
  readonly see: <T>(answer: Answer<T>) => Answer<T>;
  readonly words: ComponentChildren;
};

/** `action` is what the button says that is pressed again. */
export function useHeldAtDoor(action: string): Held {
  const text = useText();
  const isHeld = useSignal(false);
  return {
    see: (answer) => {
      isHeld.value = answer.type === "refused" && answer.problem.code === "needs_approval";
      return answer;
    },
    words: isHeld.value ? <p>{text("door_held", { action })}</p> : null,
  };
}
