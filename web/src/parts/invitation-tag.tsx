// How an invitation, or the e-mail with a link, stands.

import { useText } from "../text/context";
import type { CallGuestState, InvitationState } from "../wire/messages";

/** Of one whose link is passed on by hand nothing is sent. */
type State = InvitationState | CallGuestState;

const LOOKS: Readonly<Record<State, string>> = {
  needs_approval: "tag",
  invited: "tag",
  sending: "tag",
  sent: "tag",
  delivered: "tag good",
  bounced: "tag bad",
  joined: "tag good",
  unknown: "tag",
};

export function InvitationTag({ state }: { readonly state: State }) {
  const text = useText();
  return <span class={LOOKS[state]}>{text(`invitation_${state}`)}</span>;
}
