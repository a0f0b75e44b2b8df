// A link to copy and pass on; where the browser refuses, it stands there to be copied by hand.

import { useSignal } from "@preact/signals";
import { useId, useRef } from "preact/hooks";
import { useText } from "../text/context";
import { copies } from "./copies";

type Props = {
  readonly url: string;
  readonly label: string;
  readonly hint?: string;
  /** What is said when it has been copied, where more is to be said than that. */
  readonly done?: "room_copied" | "area_link_copied";
};

export function CopyField({ url, label, hint, done = "room_copied" }: Props) {
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
      {hint !== undefined && <p class="hint">{hint}</p>}
      <div class="field">
        <label for={id}>{label}</label>
        <input ref={field} id={id} dir="ltr" readOnly value={url} />
      </div>
      <button type="button" class="secondary" onClick={() => void copy()}>
        {text("guest_invite_copy")}
      </button>
      <p role="status">
        {copied.value === null ? "" : text(copied.value ? done : "copy_link_by_hand")}
      </p>
    </div>
  );
}
