// "Invite guest" comes after the call's screen: not everybody may invite.

import type { Signal } from "@preact/signals";
import { useApp } from "../app";
import { later, useNow } from "../parts/later";
import type { Panel } from "../parts/panel";
import type { CallPhase } from "../session/state";

export const invitePanel = later(async () => (await import("../invite/panel")).InvitePanel);

type Props = { readonly phase: CallPhase; readonly panel: Signal<Panel> };

export function InviteWhenHere(props: Props) {
  const Part = invitePanel.part.value;
  return Part === null ? <NotHereYet panel={props.panel} /> : <Part {...props} />;
}

function NotHereYet({ panel }: Pick<Props, "panel">) {
  const { text } = useApp();
  useNow(invitePanel);
  return (
    <section class="invite-panel" aria-label={text("guest_invite_title")}>
      <p role="status">{text(invitePanel.isLost.value ? "call_part_lost" : "loading")}</p>
      <button
        type="button"
        class="secondary"
        onClick={() => {
          panel.value = null;
        }}
      >
        {text("settings_close")}
      </button>
    </section>
  );
}
