// "Invite guest", beside those who speak: an e-mail, a text message, a link to copy, and what became of
// each who was invited (ROOM-2).

import { texts } from "virtual:texts-of-inviting";
import type { Signal } from "@preact/signals";
import { useId, useLayoutEffect, useRef } from "preact/hooks";
import { useApp } from "../app";
import { CopyField } from "../parts/copy-field";
import type { Panel } from "../parts/panel";
import type { CallPhase } from "../session/state";
import { addTexts } from "../text/text";
import { CallGuests } from "./call-guests";

addTexts(texts);

type Props = { readonly phase: CallPhase; readonly panel: Signal<Panel> };

export function InvitePanel({ phase, panel }: Props) {
  const { link, state, text } = useApp();
  const room = state.value.view?.room?.url;
  const { meeting } = phase.call;
  const id = useId();
  const heading = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => heading.current?.focus(), []);
  const close = () => {
    panel.value = null;
  };
  const closesOn = ({ key, target }: KeyboardEvent) =>
    // A question that is asked over it is closed alone.
    key === "Escape" && (target as Element).closest("dialog") === null && close();
  const roomLink = room !== undefined && (
    <CopyField url={room} label={text("guest_invite_link")} hint={text("guest_invite_text")} />
  );
  return (
    <section class="invite-panel" aria-labelledby={id} onKeyDown={closesOn}>
      <div class="panel-top">
        <h2 id={id} ref={heading} tabIndex={-1}>
          {text("guest_invite_title")}
        </h2>
        <button type="button" class="secondary" onClick={close}>
          {text("settings_close")}
        </button>
      </div>
      {link === null || meeting === undefined ? (
        roomLink
      ) : (
        <CallGuests link={link} meeting={meeting} roomLink={roomLink} />
      )}
    </section>
  );
}
