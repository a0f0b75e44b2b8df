// "Invite guest": the link of the room, beside those who speak (ROOM-2).

import { type Signal, useSignal } from "@preact/signals";
import { useEffect, useId, useRef } from "preact/hooks";
import { useApp } from "../app";
import { copies } from "./copies";
import type { Panel } from "./panel";

export function InvitePanel({ panel }: { readonly panel: Signal<Panel> }) {
  const { state, text } = useApp();
  const id = useId();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  const close = () => {
    panel.value = null;
  };
  return (
    <section
      class="invite-panel"
      aria-labelledby={id}
      onKeyDown={({ key }) => key === "Escape" && close()}
    >
      <h2 id={id} ref={heading} tabIndex={-1}>
        {text("guest_invite_title")}
      </h2>
      <CopyRoomLink url={state.value.view?.room?.url ?? ""} />
      <button type="button" class="secondary" onClick={close}>
        {text("settings_close")}
      </button>
    </section>
  );
}

/** Copies the room's link; where the browser refuses, it stands there to be copied by hand. */
function CopyRoomLink({ url }: { readonly url: string }) {
  const { text } = useApp();
  const id = useId();
  const field = useRef<HTMLInputElement>(null);
  const copied = useSignal<boolean | null>(null);
  const copy = async () => {
    field.current?.select();
    copied.value = await copies(url);
  };
  return (
    <div>
      <p class="hint">{text("guest_invite_text")}</p>
      <div class="field">
        <label for={id}>{text("guest_invite_link")}</label>
        <input ref={field} id={id} readOnly value={url} />
      </div>
      <button type="button" class="primary" onClick={() => void copy()}>
        {text("guest_invite_copy")}
      </button>
      <p role="status">
        {copied.value === null ? "" : text(copied.value ? "room_copied" : "copy_link_by_hand")}
      </p>
    </div>
  );
}
