// Another time for an appointment.

import { useNavigation } from "../../navigation";
import { useNames, useTimes } from "../../parts/appointment";
import { EveningCaption, ZoneNote } from "../../parts/evening-caption";
import { FormView, useForm } from "../../parts/form";
import { LinkPage } from "../../parts/link-page";
import { Loaded } from "../../parts/resource";
import { useText } from "../../text/context";
import type { BookingView, SlotsView } from "../../wire/messages";
import { useParent } from "./parent";
import { hasFree, isAboutTime, SlotChoice, slotsOf, useSlots } from "./slots";

export function MovePage({ booking }: { readonly booking: string }) {
  const text = useText();
  const names = useNames();
  const { view } = useParent();
  const times = useTimes(view.evening.time_zone);
  const slots = useSlots();
  const found = view.bookings.find(({ appointment }) => appointment.id === booking);
  if (found === undefined) {
    return (
      <LinkPage name="move" heading={text("not_here_title")} back="">
        <p>{text("not_here_text")}</p>
      </LinkPage>
    );
  }
  const { teachers, subject, student, starts, ends } = found.appointment;
  return (
    <LinkPage name="move" heading={text("move_title")} back="">
      <EveningCaption evening={view.evening} />
      <p class="lead">{text("appointment_with", { teachers: names(teachers), subject })}</p>
      <p>{text("appointment_about", { student })}</p>
      <p>{text("move_now", { time: times.span(starts, ends) })}</p>
      <ZoneNote evening={view.evening} />
      <Loaded of={slots}>
        {(given) => <MoveForm booking={found} slots={given} reload={slots.reload} />}
      </Loaded>
    </LinkPage>
  );
}

type Props = {
  readonly booking: BookingView;
  readonly slots: SlotsView;
  readonly reload: () => Promise<void>;
};

function MoveForm({ booking, slots, reload }: Props) {
  const text = useText();
  const { go } = useNavigation();
  const parent = useParent();
  const times = useTimes(parent.view.evening.time_zone);
  const form = useForm({
    initial: { starts: "" },
    check: ({ starts }) => (starts === "" ? { starts: text("slots_missing") } : {}),
    send: async ({ starts }) => {
      const answer = await parent.api.move(booking.appointment.id, starts);
      if (answer.type === "refused") {
        await reload();
      }
      return answer;
    },
    done: ({ appointment: { subject, starts, ends } }) => {
      void parent.reload();
      go("", text("move_done", { subject, time: times.span(starts, ends) }));
    },
    fieldOf: (code) => (isAboutTime(code) ? "starts" : undefined),
  });
  const offered = slotsOf(slots, booking.student, booking.class);
  return (
    <FormView form={form} action={hasFree(offered) ? text("move_action") : null}>
      <SlotChoice
        slots={offered}
        legend={text("slots_legend")}
        none={text("move_none")}
        chosen={form.values.starts}
        onChange={(starts) => form.set("starts", starts)}
      />
    </FormView>
  );
}
