// "Manage Invites": those sent, how they stand, and what can be done (INV-6, INV-7).

import { useSignal } from "@preact/signals";
import { useId } from "preact/hooks";
import { useNavigation } from "../../navigation";
import { useAct } from "../../parts/act";
import { AddressForm } from "../../parts/address-form";
import { Confirm } from "../../parts/confirm";
import { EveningCaption } from "../../parts/evening-caption";
import { BusyButton } from "../../parts/form";
import { GoTo } from "../../parts/go-to";
import { InvitationTag } from "../../parts/invitation-tag";
import { LinkPage } from "../../parts/link-page";
import { useNames } from "../../parts/names";
import { useText } from "../../text/context";
import type { EveningView, InvitationView } from "../../wire/messages";
import { Declined } from "./declined";
import { useParent } from "./parent";

export function ManageInvitesPage() {
  const text = useText();
  const { view } = useParent();
  const { sent, left } = view.invitations;
  return (
    <LinkPage name="manage-invites" heading={text("invite_manage")} back="">
      <EveningCaption evening={view.evening} />
      <Declined />
      {sent.length === 0 && <p>{text("invites_none")}</p>}
      <ul class="list">
        {sent.map((invitation) => (
          <Invitation key={invitation.id} invitation={invitation} />
        ))}
      </ul>
      {isOff(view.evening) ? null : left.length > 0 ? (
        <p>
          <GoTo to="invites/new" class="button secondary">
            {text("invite_button")}
          </GoTo>
        </p>
      ) : (
        <p class="note">{text("invite_none_left")}</p>
      )}
    </LinkPage>
  );
}

/** Whether nobody can be invited any more. */
export function isOff({ cancelled, is_over: isOver }: EveningView): boolean {
  return cancelled !== undefined || isOver === true;
}

function Invitation({ invitation }: { readonly invitation: InvitationView }) {
  const text = useText();
  const names = useNames();
  const { replace } = useNavigation();
  const { api, view, reload } = useParent();
  const heading = useId();
  const removing = useSignal(false);
  const { id, name, email, state } = invitation;
  const resend = useAct(() => api.resend(id));
  // Nothing was sent that could be sent again, or elsewhere; or there is nothing to come to any more.
  const isSent = state !== "needs_approval" && !isOff(view.evening);
  const covered = view.students.filter((student) => invitation.students.includes(student.id));
  return (
    <li data-invitation={id}>
      <h2 id={heading}>{name}</h2>
      <p>{email}</p>
      <p>{text("invites_for", { students: names(covered.map((student) => student.name)) })}</p>
      <p>
        <InvitationTag state={state} />
      </p>
      {state === "bounced" && <p class="problem">{text("invites_bounced_hint")}</p>}
      {resend.problem !== null && (
        <p class="problem" role="alert">
          {resend.problem}
        </p>
      )}
      <div class="actions">
        {isSent && (
          <BusyButton
            kind="secondary"
            busy={resend.busy}
            describedBy={heading}
            onPress={() =>
              void resend.run(async () => {
                replace("invites", ({ text }) => text("invites_resent", { name }));
                await reload();
              })
            }
          >
            {text("invites_resend")}
          </BusyButton>
        )}
        <button
          type="button"
          class="secondary"
          aria-describedby={heading}
          onClick={() => {
            removing.value = true;
          }}
        >
          {text("invites_remove")}
        </button>
        {isSent && (
          <GoTo to={`invites/${encodeURIComponent(id)}/address`} describedBy={heading}>
            {text("invites_change_address")}
          </GoTo>
        )}
      </div>
      {removing.value && (
        <RemoveDialog
          invitation={invitation}
          onClose={() => {
            removing.value = false;
          }}
        />
      )}
    </li>
  );
}

type RemoveProps = { readonly invitation: InvitationView; readonly onClose: () => void };

function RemoveDialog({ invitation: { id, name }, onClose }: RemoveProps) {
  const text = useText();
  const { replace } = useNavigation();
  const { api, reload } = useParent();
  const act = useAct(() => api.remove(id));
  return (
    <Confirm
      title={text("invites_remove_title", { name })}
      action={text("invites_remove_action")}
      busy={act.busy}
      problem={act.problem}
      onClose={onClose}
      onConfirm={() =>
        void act.run(async () => {
          onClose();
          replace("invites", ({ text }) => text("invites_removed", { name }));
          await reload();
        })
      }
    >
      <p>{text("invites_remove_text")}</p>
    </Confirm>
  );
}

/** A new address gets a new link; the old one is dead (LINK-3). */
export function ChangeAddressPage({ invitation }: { readonly invitation: string }) {
  const text = useText();
  const { go } = useNavigation();
  const { api, view, reload } = useParent();
  const found = view.invitations.sent.find(({ id }) => id === invitation);
  const waits = useSignal(false);
  if (found === undefined && !waits.value) {
    return (
      <LinkPage name="change-address" heading={text("not_here_title")} back="invites">
        <p>{text("not_here_text")}</p>
      </LinkPage>
    );
  }
  const heading = waits.value ? text("invite_needs_approval") : text("address_title");
  return (
    <LinkPage name="change-address" heading={heading} back="invites">
      {found !== undefined && !waits.value && (
        <AddressForm
          name={found.name}
          email={found.email}
          send={(email) => api.changeAddress(invitation, { email })}
          done={(invited, email) => {
            void reload();
            if (invited.type === "needs_approval") {
              waits.value = true;
            } else {
              go("invites", ({ text }) => text("address_done", { email }));
            }
          }}
        />
      )}
    </LinkPage>
  );
}
