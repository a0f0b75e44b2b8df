// The browser's own dialogue, which stands as long as it is drawn.

import type { RefObject } from "preact";
import { useEffect, useRef } from "preact/hooks";

type Dialog = {
  /** What the `<dialog>` is given. */
  readonly props: {
    readonly ref: RefObject<HTMLDialogElement | null>;
    readonly onCancel: (event: Event) => void;
    readonly onClose: () => void;
  };
  readonly close: () => void;
};

/**
 * Opens it once it is drawn. `onClose` is told in the moment in which it closes and the focus goes back: the browser's
 * own word comes later, and a press meanwhile, on the button that opens it, would be taken back by it.
 */
export function useDialog(onClose: () => void): Dialog {
  const ref = useRef<HTMLDialogElement>(null);
  const isClosed = useRef(false);
  useEffect(() => ref.current?.showModal(), []);
  const close = () => {
    if (!isClosed.current) {
      isClosed.current = true;
      ref.current?.close();
      onClose();
    }
  };
  const onCancel = (event: Event) => {
    event.preventDefault();
    close();
  };
  return { props: { ref, onCancel, onClose: close }, close };
}
