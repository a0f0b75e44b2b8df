// Asks again before an appointment is cancelled.

import { useNavigation } from "../../navigation";
import { useAct } from "../../parts/act";
import { useReadersTimes } from "../../parts/appointment";
import { Confirm } from "../../parts/confirm";
import type { BookingView } from "../../wire/messages";
import { useFamily } from "./family";

type Props = { readonly booking: BookingView; readonly onClose: () => void };

export function CancelDialog({ booking: { appointment }, onClose }: Props) {
  const { replace } = useNavigation();
  const { api, view, reload, say, sayIn } = useFamily();
  const times = useReadersTimes(view.evening.time_zone);
  const act = useAct(() => api.cancel(appointment.id));
  const { subject, student } = appointment;
  return (
    <Confirm
      title={say("booking_cancel_title")}
      action={say("booking_cancel_action")}
      busy={act.busy}
      problem={act.problem}
      onClose={onClose}
      onConfirm={() =>
        void act.run(async () => {
          onClose();
          replace("", ({ text }) => sayIn(text)("booking_cancelled", { subject, student }));
          await reload();
        })
      }
    >
      <p>
        {times.span(appointment.starts, appointment.ends)}, {subject}, {student}
      </p>
      <p>{say("booking_cancel_text")}</p>
    </Confirm>
  );
}
