// The browser's own dialogue, which stands as long as it is drawn.

import type { RefObject } from "preact";
import { useEffect, useRef } from "preact/hooks";

/** What the `<dialog>` is given. */
type Dialog = {
  readonly ref: RefObject<HTMLDialogElement | null>;
  readonly onCancel: () => void;
  readonly onClose: () => void;
};

/**
 * Opens it once it is drawn; its own `onClose` closes it. The one that is given is told in the moment in which it closes and
 * the focus goes back: the browser's word comes later, when nothing is drawn any more, and a press meanwhile, on the button
 * that opens it, would be taken back by it.
 */
export function useDialog(onClose: () => void): Dialog {
  const ref = useRef<HTMLDialogElement>(null);
  useEffect(() => ref.current?.showModal(), []);
  const close = () => {
    if (ref.current !== null) {
      ref.current.close();
      onClose();
    }
  };
  return { ref, onCancel: close, onClose: close };
}
