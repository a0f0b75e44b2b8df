// Appointments whose new teachers are busy then, or whose student is in the class no longer: the office says
// what becomes of each (EVE-13).

import { useSignal } from "@preact/signals";
import { useNavigation } from "../navigation";
import { useAct } from "../parts/act";
import { useTimes } from "../parts/appointment";
import { SelectField } from "../parts/choices";
import { Confirm } from "../parts/confirm";
import { BusyButton } from "../parts/form";
import { useNames } from "../parts/names";
import { useText } from "../text/context";
import type { Text } from "../text/text";
import type { AskedAppointment } from "../wire/messages";
import { Trouble } from "./evening";
import { useOffice } from "./office";

type ListProps = {
  readonly appointments: readonly AskedAppointment[];
  readonly reload: () => Promise<void>;
};

export function AskedAppointments({ appointments, reload }: ListProps) {
  const text = useText();
  return (
    <section class="section" aria-labelledby="asked">
      <h2 id="asked">{text("asked_title")}</h2>
      <p>{text("asked_text")}</p>
      <ul class="list">
        {appointments.map((one) => (
          <Item key={one.booking} one={one} reload={reload} />
        ))}
      </ul>
    </section>
  );
}

type Props = { readonly one: AskedAppointment; readonly reload: () => Promise<void> };

function Item({ one, reload }: Props) {
  const text = useText();
  const names = useNames();
  const times = useTimes(one.time_zone);
  const { booking, evening, student, parent, subject, starts, teachers, instead } = one;
  const heading = `asked-${booking}`;
  return (
    <li>
      <h3 id={heading}>{text("asked_whose", { student, subject })}</h3>
      <p>
        {evening}, {times.moment(starts)}
      </p>
      <p>{text("live_booked_by", { parent })}</p>
      <p>{text("asked_has", { teachers: names(teachers) })}</p>
      <p>{whyAsked(one, text, names)}</p>
      {instead.length > 0 && <Move one={one} reload={reload} heading={heading} />}
      <div class="actions">
        {one.may_be_kept && <Keep one={one} reload={reload} heading={heading} />}
        <Cancel one={one} reload={reload} heading={heading} />
      </div>
    </li>
  );
}

function whyAsked(
  { left_class: hasLeft, student, instead }: AskedAppointment,
  text: Text,
  names: ReturnType<typeof useNames>,
): string {
  if (hasLeft) {
    return text("asked_left_class", { student });
  }
  return instead.length === 0
    ? text("asked_instead_nobody")
    : text("asked_instead", { teachers: names(instead) });
}

type WayProps = Props & { readonly heading: string };

function Move({ one: { booking, free, time_zone: zone, subject }, reload, heading }: WayProps) {
  const { api } = useOffice();
  const text = useText();
  const times = useTimes(zone);
  const { replace } = useNavigation();
  const chosen = useSignal("");
  const name = `move-${booking}`;
  const starts = free.includes(chosen.value) ? chosen.value : (free[0] ?? "");
  const act = useAct(() => api.decideAsked(booking, { decision: "move", starts }));
  if (free.length === 0) {
    return <p>{text("asked_none_free")}</p>;
  }
  return (
    <>
      <SelectField
        form={{
          values: { [name]: starts },
          set: (_, moment) => {
            chosen.value = moment;
          },
        }}
        name={name}
        label={text("asked_move_to")}
        choices={free.map((moment) => ({ value: moment, label: times.moment(moment) }))}
      />
      <div class="actions">
        <BusyButton
          busy={act.busy}
          describedBy={heading}
          onPress={() =>
            void act.run(async () => {
              const moment = times.moment(starts);
              replace("approvals", text("asked_moved", { subject, moment }));
              await reload();
            })
          }
        >
          {text("asked_move")}
        </BusyButton>
      </div>
      <Trouble problem={act.problem} />
    </>
  );
}

function Keep({ one: { booking, teachers, subject }, reload, heading }: WayProps) {
  const { api } = useOffice();
  const text = useText();
  const names = useNames();
  const { replace } = useNavigation();
  const act = useAct(() => api.decideAsked(booking, { decision: "keep" }));
  const label = names(teachers);
  return (
    <>
      <BusyButton
        kind="secondary"
        busy={act.busy}
        describedBy={heading}
        onPress={() =>
          void act.run(async () => {
            replace("approvals", text("asked_kept", { subject, teachers: label }));
            await reload();
          })
        }
      >
        {text("asked_keep", { teachers: label })}
      </BusyButton>
      <Trouble problem={act.problem} />
    </>
  );
}

function Cancel({ one: { booking, student, parent, subject }, reload, heading }: WayProps) {
  const { api } = useOffice();
  const text = useText();
  const { replace } = useNavigation();
  const asking = useSignal(false);
  const act = useAct(() => api.decideAsked(booking, { decision: "cancel" }));
  return (
    <>
      <button
        type="button"
        class="secondary"
        aria-describedby={heading}
        onClick={() => {
          asking.value = true;
        }}
      >
        {text("asked_cancel")}
      </button>
      {asking.value && (
        <Confirm
          title={text("asked_cancel_title", { student, subject })}
          action={text("asked_cancel")}
          busy={act.busy}
          problem={act.problem}
          onClose={() => {
            asking.value = false;
          }}
          onConfirm={() =>
            void act.run(async () => {
              asking.value = false;
              replace("approvals", text("office_booking_cancelled", { student, subject }));
              await reload();
            })
          }
        >
          <p>{text("asked_cancel_text", { parent })}</p>
        </Confirm>
      )}
    </>
  );
}
