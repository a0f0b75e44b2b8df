// A link to be copied: that of this page, to be opened in another browser, or one to be passed on.

import { useSignal } from "@preact/signals";
import { useId, useRef } from "preact/hooks";
import { useText } from "../text/context";
import { copies } from "./copies";

type Props = {
  /** That of this page, where none is named. */
  readonly url?: string;
  readonly label?: string;
};

export function CopyLink({ url = location.href, label }: Props) {
  const text = useText();
  const id = useId();
  const field = useRef<HTMLInputElement>(null);
  const copied = useSignal<boolean | null>(null);
  const copy = async () => {
    field.current?.select();
    copied.value = await copies(url);
  };
  return (
    <div class="copy-link">
      <div class="field">
        <label for={id}>{label ?? text("copy_link_label")}</label>
        <input ref={field} id={id} dir="ltr" readOnly value={url} />
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
