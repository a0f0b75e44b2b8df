// One appointment: its time, and a note to the teacher.

import { useNavigation } from "../../navigation";
import { useNames, useTimes } from "../../parts/appointment";
import { EveningCaption, ZoneNote } from "../../parts/evening-caption";
import { FormView, useForm } from "../../parts/form";
import { LinkPage } from "../../parts/link-page";
import { Loaded } from "../../parts/resource";
import { TextField } from "../../parts/text-field";
import { useText } from "../../text/context";
import type { SlotsView } from "../../wire/messages";
import { useParent } from "./parent";
import { hasFree, isAboutTime, SlotChoice, slotsOf, useSlots } from "./slots";

export const NOTE_MAX = 1000;

type Props = { readonly student: string; readonly subject: string };

export function ChooseSlotPage(props: Props) {
  const text = useText();
  const names = useNames();
  const { view } = useParent();
  const slots = useSlots();
  const student = view.students.find(({ id }) => id === props.student);
  const subject = student?.classes.find(({ id }) => id === props.subject);
  if (student === undefined || subject === undefined) {
    return (
      <LinkPage name="choose-slot" heading={text("not_here_title")} back="book">
        <p>{text("not_here_text")}</p>
      </LinkPage>
    );
  }
  const with_ = text("appointment_with", {
    teachers: names(subject.teachers),
    subject: subject.subject,
  });
  return (
    <LinkPage name="choose-slot" heading={text("slots_title")} back="book">
      <EveningCaption evening={view.evening} />
      <p class="lead">{with_}</p>
      <p>{text("appointment_about", { student: student.name })}</p>
      <ZoneNote evening={view.evening} />
      <Loaded of={slots}>
        {(given) => <ChooseForm {...props} slots={given} reload={slots.reload} />}
      </Loaded>
    </LinkPage>
  );
}

type FormProps = Props & { readonly slots: SlotsView; readonly reload: () => Promise<void> };

function ChooseForm({ student, subject, slots, reload }: FormProps) {
  const text = useText();
  const { go } = useNavigation();
  const parent = useParent();
  const times = useTimes(parent.view.evening.time_zone);
  const form = useForm({
    initial: { starts: "", note: "" },
    check: ({ starts }) => (starts === "" ? { starts: text("slots_missing") } : {}),
    send: async ({ starts, note }, attempt) => {
      const answer = await parent.api.book({ attempt, student, class: subject, starts, note });
      if (answer.type === "refused") {
        await reload();
      }
      return answer;
    },
    done: ({ appointment }) => {
      void parent.reload();
      const { starts, ends } = appointment;
      go(
        "book",
        text("slots_booked", { subject: appointment.subject, time: times.span(starts, ends) }),
      );
    },
    fieldOf: (code) => (isAboutTime(code) ? "starts" : undefined),
  });
  const { values, set } = form;
  const offered = slotsOf(slots, student, subject);
  const free = hasFree(offered);
  return (
    <FormView form={form} action={free ? text("slots_book") : null}>
      <SlotChoice
        slots={offered}
        legend={text("slots_legend")}
        none={text("slots_none")}
        chosen={values.starts}
        onChange={(starts) => set("starts", starts)}
      />
      {free && (
        <TextField
          name="note"
          label={text("note_label")}
          hint={text("note_hint")}
          value={values.note}
          onChange={(note) => set("note", note)}
          lines={3}
          maxLength={NOTE_MAX}
        />
      )}
    </FormView>
  );
}
