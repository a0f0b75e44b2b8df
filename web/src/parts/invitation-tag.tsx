// How an invitation, or the e-mail with a link, stands.

import { useText } from "../text/context";
import type { InvitationState } from "../wire/messages";

const LOOKS: Readonly<Record<InvitationState, string>> = {
  needs_approval: "tag",
  sending: "tag",
  sent: "tag",
  delivered: "tag good",
  bounced: "tag bad",
  joined: "tag good",
  unknown: "tag",
};

export function InvitationTag({ state }: { readonly state: InvitationState }) {
  const text = useText();
  return <span class={LOOKS[state]}>{text(`invitation_${state}`)}</span>;
}
