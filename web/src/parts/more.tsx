// "More", in the bar of the call: what not everybody may do.

import { type Signal, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { useApp } from "../app";
import type { CallPhase } from "../session/state";
import { saveBlurChosen } from "../storage/preferences";
import type { TextKey } from "../text/text";
import { Icon } from "./icon";
import type { Panel } from "./panel";
import { People } from "./people";
import { StopCall } from "./stop-call";

/** What it has opened, beside the panel. */
type Open = "menu" | "people" | "stop" | null;

type Props = { readonly phase: CallPhase; readonly panel: Signal<Panel> };

export function More({ phase, panel }: Props) {
  const { link, local, text } = useApp();
  const open = useSignal<Open>(null);
  const button = useRef<HTMLButtonElement>(null);
  const before = useRef(panel.value);
  useEffect(() => {
    if (before.current === "invite" && panel.value === null) {
      button.current?.focus();
    }
    before.current = panel.value;
  }, [panel.value]);
  const invites = phase.powers.includes("invite");
  const attends = mayAttend(phase);
  // Where somebody else has chosen it on this device the preview was blurred: it stays so in the call,
  // whoever is in it, until they have their room shown themselves.
  const blurs = phase.powers.includes("blur") || local.blurs.value;
  const { meeting } = phase.call;
  const stops = phase.powers.includes("stop") && link !== null && meeting !== undefined;
  if (!(invites || attends || blurs || stops)) {
    return null;
  }
  const isMenu = open.value === "menu";
  const close = () => {
    open.value = null;
    button.current?.focus();
  };
  const closeMenu = ({ key }: KeyboardEvent) => key === "Escape" && isMenu && close();
  const item = (label: TextKey, choose: () => void, pressed?: boolean) => (
    <li>
      <button
        type="button"
        class="secondary"
        aria-pressed={pressed}
        onKeyDown={closeMenu}
        onClick={choose}
      >
        {text(label)}
      </button>
    </li>
  );
  const toggleBlur = () => {
    close();
    const on = !local.blurs.peek();
    local.blur(on);
    saveBlurChosen(on);
  };
  const openPeople = () => {
    open.value = "people";
  };
  const openStop = () => {
    open.value = "stop";
  };
  const openInvite = () => {
    open.value = null;
    panel.value = "invite";
  };
  return (
    <div class="more">
      <button
        ref={button}
        type="button"
        class="control"
        aria-expanded={isMenu}
        onKeyDown={closeMenu}
        onClick={() => {
          open.value = isMenu ? null : "menu";
        }}
      >
        <Icon name="more" />
        <span>{text("call_more")}</span>
      </button>
      {isMenu && (
        <ul class="more-menu">
          {blurs && item("call_blur", toggleBlur, local.blurs.value)}
          {attends && item("people_menu", openPeople)}
          {invites && item("guest_invite_title", openInvite)}
          {stops && item("stop_menu", openStop)}
        </ul>
      )}
      {open.value === "people" && <People phase={phase} onClose={close} />}
      {open.value === "stop" && stops && <StopCall link={link} meeting={meeting} onClose={close} />}
    </div>
  );
}

/** Whether there is anybody for whom this person may do something. */
function mayAttend({ people, powers }: CallPhase): boolean {
  const may = people.some((one) => one.may_disconnect === true || one.may_hold === true);
  return may || powers.includes("mute") || powers.includes("admit");
}
