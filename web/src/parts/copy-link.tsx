// The link of this page, to be opened in another browser: one's own.

import { useSignal } from "@preact/signals";
import { useId, useRef } from "preact/hooks";
import { useText } from "../text/context";
import { copies } from "./copies";

export function CopyLink() {
  const text = useText();
  const id = useId();
  const field = useRef<HTMLInputElement>(null);
  const copied = useSignal<boolean | null>(null);
  const copy = async () => {
    field.current?.select();
    copied.value = await copies(location.href);
  };
  return (
    <div class="copy-link">
      <div class="field">
        <label for={id}>{text("copy_link_label")}</label>
        <input ref={field} id={id} dir="ltr" readOnly value={location.href} />
      </div>
      <button type="button" class="secondary" onClick={() => void copy()}>
        {text("copy_link_button")}
      </button>
      <p role="status">
        {copied.value === null ? "" : text(copied.value ? "copy_link_done" : "copy_link_by_hand")}
      </p>
    </div>
  );
}
