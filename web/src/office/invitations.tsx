// Every parent's invitations of an evening (INV-9).

import { useSignal } from "@preact/signals";
import { useNavigation } from "../navigation";
import { useAct } from "../parts/act";
import { AddressForm } from "../parts/address-form";
import { useTimes } from "../parts/appointment";
import { Confirm } from "../parts/confirm";
import { BusyButton } from "../parts/form";
import { GoTo } from "../parts/go-to";
import { InvitationTag } from "../parts/invitation-tag";
import { useNames } from "../parts/names";
import { Loaded, useResource } from "../parts/resource";
import { useText } from "../text/context";
import type { OfficeInvitation } from "../wire/messages";
import { Delete } from "./delete";
import { Trouble, takesPlace, useEvening } from "./evening";
import { useOffice } from "./office";
import { OfficePage } from "./office-page";
import { DataLink } from "./their-data";

const LOOK_EVERY_MS = 10_000;

export function InvitationsPage({ id }: { readonly id: string }) {
  const { api } = useOffice();
  const text = useText();
  const evening = useEvening(id);
  const invitations = useResource(() => api.invitations(id), [id], LOOK_EVERY_MS);
  const zone = evening.value?.set.time_zone ?? "UTC";
  const at = `evenings/${encodeURIComponent(id)}`;
  return (
    <OfficePage
      name="office-invitations"
      heading={text("office_invitations_title")}
      back={{ to: at, label: evening.value?.set.name ?? text("back") }}
    >
      <Loaded of={invitations}>
        {({ invitations: list, stopped }) => (
          <>
            {stopped.length > 0 && (
              <p class="note">
                {text("office_invitations_stopped", { names: stopped.join(", ") })}
              </p>
            )}
            {list.length === 0 ? (
              <p>{text("office_invitations_none")}</p>
            ) : (
              <ul class="list">
                {list.map((invitation) => (
                  <Item
                    key={invitation.id}
                    invitation={invitation}
                    zone={zone}
                    open={evening.value !== null && takesPlace(evening.value)}
                    here={`${at}/invitations`}
                    reload={invitations.reload}
                  />
                ))}
              </ul>
            )}
          </>
        )}
      </Loaded>
    </OfficePage>
  );
}

type Props = {
  readonly invitation: OfficeInvitation;
  readonly zone: string;
  /** Whether anybody is invited to the evening still. */
  readonly open: boolean;
  readonly here: string;
  readonly reload: () => Promise<void>;
};

function Item({ invitation, zone, open, here, reload }: Props) {
  const { api } = useOffice();
  const text = useText();
  const names = useNames();
  const times = useTimes(zone);
  const { replace } = useNavigation();
  const removing = useSignal(false);
  const { id, name, email, parent, students, state, sent, consented, wording, bounce } = invitation;
  const heading = `invitation-${id}`;
  const waits = state === "needs_approval";
  const resend = useAct(() => api.resendInvitation(id));
  const remove = useAct(() => api.removeInvitation(id));
  const close = () => {
    removing.value = false;
  };
  return (
    <li>
      <h2 id={heading}>{name}</h2>
      <p>{email}</p>
      <p>{text("office_invited_by", { parent, students: names(students) })}</p>
      <p>
        {waits ? (
          <GoTo to="approvals">{text("office_invitation_waits")}</GoTo>
        ) : (
          <>
            <InvitationTag state={state} />{" "}
            {text("office_invited_at", { moment: times.stamp(sent) })}
          </>
        )}
      </p>
      {state === "bounced" && (
        <p class="problem">
          {bounce === ""
            ? text("invites_bounced_hint")
            : text("office_bounced", { reason: bounce })}
        </p>
      )}
      <p class="hint">
        {text("office_consented", { moment: times.stamp(consented), version: wording })}
      </p>
      <div class="actions">
        {open && !waits && (
          <BusyButton
            kind="secondary"
            busy={resend.busy}
            describedBy={heading}
            onPress={() =>
              void resend.run(async () => {
                replace(here, text("invites_resent", { name }));
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
        {open && !waits && (
          <GoTo to={`${here}/${encodeURIComponent(id)}/address`} describedBy={heading}>
            {text("invites_change_address")}
          </GoTo>
        )}
      </div>
      <Trouble problem={resend.problem} />
      <p>
        <DataLink of="invitations" id={id} name={name} />
      </p>
      <Delete
        name={name}
        work={async () => {
          const answer = await api.eraseGuest(id);
          await reload();
          return answer;
        }}
        afterwards={here}
        erases
        action={text("contact_erase")}
        warning={text("guest_erase_text")}
        describedBy={heading}
      />
      {removing.value && (
        <Confirm
          title={text("invites_remove_title", { name })}
          action={text("invites_remove_action")}
          busy={remove.busy}
          problem={remove.problem}
          onClose={close}
          onConfirm={() =>
            void remove.run(async () => {
              close();
              replace(here, text("invites_removed", { name }));
              await reload();
            })
          }
        >
          <p>{text("invites_remove_text")}</p>
        </Confirm>
      )}
    </li>
  );
}

type AddressProps = { readonly id: string; readonly invitation: string };

export function InvitationAddressPage({ id, invitation }: AddressProps) {
  const { api } = useOffice();
  const text = useText();
  const { go } = useNavigation();
  const invitations = useResource(() => api.invitations(id), [id]);
  const here = `evenings/${encodeURIComponent(id)}/invitations`;
  const found = invitations.value?.invitations.find((one) => one.id === invitation);
  const back = { to: here, label: text("office_invitations_title") };
  return (
    <OfficePage name="office-change-address" heading={text("address_title")} back={back}>
      <Loaded of={invitations}>
        {() =>
          found === undefined ? (
            <p>{text("not_here_text")}</p>
          ) : (
            <AddressForm
              name={found.name}
              email={found.email}
              send={(email) => api.changeInvitationAddress(invitation, email)}
              done={({ state }, email) =>
                go(
                  here,
                  state === "needs_approval"
                    ? text("office_address_waits")
                    : text("address_done", { email }),
                )
              }
            />
          )
        }
      </Loaded>
    </OfficePage>
  );
}
