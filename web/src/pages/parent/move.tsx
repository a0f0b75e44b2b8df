// Another time for an appointment.

import { useNavigation } from "../../navigation";
import { readersTimes, useReadersTimes } from "../../parts/appointment";
import { EveningCaption, ZoneNote } from "../../parts/evening-caption";
import { FormView, useForm } from "../../parts/form";
import { useNames } from "../../parts/names";
import { Loaded } from "../../parts/resource";
import type { BookingView, SlotsView } from "../../wire/messages";
import { useFamily } from "./family";
import { hasFree, isAboutTime, SlotChoice, slotsOf, useSlots } from "./slots";

export function MovePage({ booking }: { readonly booking: string }) {
  const names = useNames();
  const { view, Frame, say } = useFamily();
  const times = useReadersTimes(view.evening.time_zone);
  const slots = useSlots();
  const found = view.bookings.find(({ appointment }) => appointment.id === booking);
  if (found === undefined) {
    return (
      <Frame name="move" heading={say("not_here_title")} back="">
        <p>{say("not_here_text")}</p>
      </Frame>
    );
  }
  const { teachers, subject, student, starts, ends } = found.appointment;
  return (
    <Frame name="move" heading={say("move_title")} back="">
      <EveningCaption evening={view.evening} />
      <p class="lead">{say("appointment_with", { teachers: names(teachers), subject })}</p>
      <p>{say("appointment_about", { student })}</p>
      <p>{say("move_now", { time: times.span(starts, ends) })}</p>
      <ZoneNote evening={view.evening} />
      <Loaded of={slots}>
        {(given) => <MoveForm booking={found} slots={given} reload={slots.reload} />}
      </Loaded>
    </Frame>
  );
}

type Props = {
  readonly booking: BookingView;
  readonly slots: SlotsView;
  readonly reload: () => Promise<void>;
};

function MoveForm({ booking, slots, reload }: Props) {
  const { go } = useNavigation();
  const family = useFamily();
  const { say } = family;
  const form = useForm({
    initial: { starts: "" },
    check: ({ starts }) => (starts === "" ? { starts: say("slots_missing") } : {}),
    send: async ({ starts }) => {
      const answer = await family.api.move(booking.appointment.id, starts);
      if (answer.type === "refused") {
        await reload();
      }
      return answer;
    },
    done: async ({ appointment: { subject, starts, ends } }) => {
      await family.reload();
      go("", (language) => {
        const time = readersTimes(language, family.view.evening.time_zone).span(starts, ends);
        return family.sayIn(language.text)("move_done", { subject, time });
      });
    },
    fieldOf: (code) => (isAboutTime(code) ? "starts" : undefined),
  });
  const offered = slotsOf(slots, booking.student, booking.class);
  return (
    <FormView form={form} action={hasFree(offered) ? say("move_action") : null}>
      <SlotChoice
        slots={offered}
        legend={say("slots_legend")}
        none={say("move_none")}
        chosen={form.values.starts}
        onChange={(starts) => form.set("starts", starts)}
      />
    </FormView>
  );
}
