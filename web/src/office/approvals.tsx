// What waits for the office: what parents wished and a court order stands against (DIR-4), appointments
// whose teachers have changed (EVE-13), and what parents say of themselves otherwise than the records (DIR-12).

import { useSignal } from "@preact/signals";
import { useNavigation } from "../navigation";
import { useAct } from "../parts/act";
import { Confirm } from "../parts/confirm";
import { BusyButton } from "../parts/form";
import { GoTo } from "../parts/go-to";
import { useNames } from "../parts/names";
import { Loaded, useResource } from "../parts/resource";
import { TextField } from "../parts/text-field";
import { useText } from "../text/context";
import { LONGEST_NOTE } from "../wire/limits";
import type { Approval, HeldRecord } from "../wire/messages";
import { AskedAppointments } from "./asked-appointments";
import { ChangedDetails } from "./changed-details";
import { Trouble } from "./evening";
import { useOffice } from "./office";
import { OfficePage } from "./office-page";
import { useOwnTimes } from "./own-times";
import { StoppedCalls } from "./stopped";
import { DismissedOrders, UnenteredOrders } from "./unentered-orders";

const LOOK_EVERY_MS = 10_000;

export function ApprovalsPage() {
  const { api } = useOffice();
  const text = useText();
  const approvals = useResource(() => api.approvals(), [api], LOOK_EVERY_MS);
  const stopped = useResource(() => api.stopped(), [api], LOOK_EVERY_MS);
  const asksToLook = stopped.value?.calls.some(({ state }) => state === "new") === true;
  return (
    <OfficePage name="approvals" heading={text("office_approvals")}>
      {stopped.value !== null && stopped.value.calls.length > 0 && (
        <StoppedCalls calls={stopped.value.calls} reload={stopped.reload} />
      )}
      <Loaded of={approvals}>
        {({ approvals: list, records, appointments, details, orders = [], dismissed = [] }) => (
          <>
            <UnenteredOrders orders={orders} reload={approvals.reload} />
            {[list, records, appointments, details, orders].every((it) => it.length === 0) &&
              !asksToLook && <p>{text("approvals_none")}</p>}
            {list.length + records.length > 0 && (
              <>
                {list.length + records.length > list.filter(isPlain).length && (
                  <p>{text("approvals_text")}</p>
                )}
                <ul class="list">
                  {records.map((record) => (
                    <RecordItem key={record.contact} record={record} />
                  ))}
                  {list.map((approval) => (
                    <Item key={approval.id} approval={approval} reload={approvals.reload} />
                  ))}
                </ul>
              </>
            )}
            {appointments.length > 0 && (
              <AskedAppointments appointments={appointments} reload={approvals.reload} />
            )}
            {details.length > 0 && <ChangedDetails details={details} reload={approvals.reload} />}
            <DismissedOrders orders={dismissed} reload={approvals.reload} />
          </>
        )}
      </Loaded>
    </OfficePage>
  );
}

/** Whether no court order may stand against it: a parent whom another parent named. */
const isPlain = ({ is_parent, contact }: Approval) => is_parent === true && contact === "";

function RecordItem({ record }: { readonly record: HeldRecord }) {
  const text = useText();
  const { contact, name, student, may_be: barred } = record;
  const to = `contacts/${encodeURIComponent(contact)}/of/${encodeURIComponent(student)}`;
  return (
    <li>
      <h2>{name}</h2>
      <p>{text("approvals_record", { contact: barred.name })}</p>
      <p>
        <GoTo to={to} class="button secondary">
          {text("approvals_record_open", { name })}
        </GoTo>
      </p>
    </li>
  );
}

type Props = { readonly approval: Approval; readonly reload: () => Promise<void> };

function Item({ approval, reload }: Props) {
  const { api } = useOffice();
  const text = useText();
  const { replace } = useNavigation();
  const { id, name, email, is_certain } = approval;
  const atDoor = approval.at_door === true;
  const approve = useAct(() => api.approve(id));
  const asking = useSignal(false);
  const heading = `approval-${id}`;
  const Dialog = atDoor ? TurnAwayDialog : RefuseDialog;
  return (
    <li>
      <h2 id={heading}>{name}</h2>
      {email !== "" && <p>{email}</p>}
      <About approval={approval} />
      <div class="actions">
        <button
          type="button"
          class="primary"
          aria-describedby={heading}
          onClick={() => {
            asking.value = true;
          }}
        >
          {text(atDoor ? "approvals_turn_away" : "approvals_refuse")}
        </button>
        {!is_certain && (
          <BusyButton
            kind="secondary"
            busy={approve.busy}
            describedBy={heading}
            onPress={() =>
              void approve.run(async ({ registered }) => {
                const sent = registered ? "approvals_registered" : "approvals_approved";
                const done = atDoor ? "approvals_let_in_done" : sent;
                const student = approval.students.join(", ");
                replace("approvals", text(done, { name, student }));
                await reload();
              })
            }
          >
            {text(atDoor ? "approvals_let_in" : "approvals_approve")}
          </BusyButton>
        )}
      </div>
      <Trouble problem={approve.problem} />
      {asking.value && (
        <Dialog
          approval={approval}
          reload={reload}
          onClose={() => {
            asking.value = false;
          }}
        />
      )}
    </li>
  );
}

/** Who asks, for whom, since when, and why it waits. */
function About({ approval }: { readonly approval: Approval }) {
  const text = useText();
  const names = useNames();
  const times = useOwnTimes();
  const { mobile = "", reason = "", parent, evening, students, asked } = approval;
  const { contact, is_certain } = approval;
  const isParent = approval.is_parent === true;
  const atDoor = approval.at_door === true;
  const invitedBy = isParent ? "approvals_named_by" : "office_invited_by";
  const nobody = isParent ? "approvals_parent" : "approvals_erased";
  return (
    <>
      {mobile !== "" && <p>{mobile}</p>}
      {reason !== "" && <p class="said">{text("caller_join_about", { reason })}</p>}
      {parent !== "" && (
        <p>
          {students.length === 0
            ? text("approvals_invited_by", { parent })
            : text(invitedBy, { parent, students: names(students) })}
        </p>
      )}
      <p>{evening === "" ? times.stamp(asked) : `${evening}, ${times.stamp(asked)}`}</p>
      <p>{contact === "" ? text(nobody) : text(sameAs(is_certain, atDoor), { contact })}</p>
    </>
  );
}

const sameAs = (isCertain: boolean, atDoor: boolean) => {
  if (!isCertain) {
    return "approvals_same_name";
  }
  return atDoor ? "approvals_door_same_address" : "approvals_same_address";
};

type RefuseProps = Props & { readonly onClose: () => void };

/** Nobody at a door reads why. */
function TurnAwayDialog({ approval: { id, name }, reload, onClose }: RefuseProps) {
  const { api } = useOffice();
  const text = useText();
  const { replace } = useNavigation();
  const refuse = useAct(() => api.refuse(id, ""));
  const done = async () => {
    onClose();
    replace("approvals", text("approvals_turned_away", { name }));
    await reload();
  };
  return (
    <Confirm
      title={text("approvals_turn_away_title", { name })}
      action={text("approvals_turn_away")}
      busy={refuse.busy}
      problem={refuse.problem}
      onClose={onClose}
      onConfirm={() => void refuse.run(done)}
    >
      <p>{text("approvals_turn_away_text")}</p>
    </Confirm>
  );
}

/** The parent reads why, in the office's own words. */
function RefuseDialog({ approval: { id, name, parent }, reload, onClose }: RefuseProps) {
  const { api } = useOffice();
  const text = useText();
  const { replace } = useNavigation();
  const reason = useSignal(text("approvals_refuse_reason_first"));
  const missing = useSignal(false);
  const refuse = useAct(() => api.refuse(id, reason.value));
  const confirm = () => {
    missing.value = reason.value.trim() === "";
    if (missing.value) {
      return;
    }
    void refuse.run(async () => {
      onClose();
      replace("approvals", text("approvals_refused", { name }));
      await reload();
    });
  };
  return (
    <Confirm
      title={text("approvals_refuse_title", { name })}
      action={text("approvals_refuse")}
      busy={refuse.busy}
      problem={missing.value ? text("approvals_refuse_reason_missing", { parent }) : refuse.problem}
      onClose={onClose}
      onConfirm={confirm}
    >
      <p>{text("approvals_refuse_text", { parent })}</p>
      <TextField
        form={{ values: { reason: reason.value }, set: (_, typed) => (reason.value = typed) }}
        name="reason"
        label={text("approvals_refuse_reason", { parent })}
        hint={text("approvals_refuse_reason_hint")}
        lines={3}
        maxLength={LONGEST_NOTE}
      />
    </Confirm>
  );
}
