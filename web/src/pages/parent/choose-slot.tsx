// One appointment: its time, and a note to the teacher.

import { useNavigation } from "../../navigation";
import { readersTimes } from "../../parts/appointment";
import { EveningCaption, ZoneNote } from "../../parts/evening-caption";
import { FormView, useForm } from "../../parts/form";
import { useNames } from "../../parts/names";
import { Loaded } from "../../parts/resource";
import { TextField } from "../../parts/text-field";
import { LONGEST_NOTE } from "../../wire/limits";
import type { SlotsView } from "../../wire/messages";
import { useFamily } from "./family";
import { hasFree, isAboutTime, SlotChoice, slotsOf, useSlots } from "./slots";

type Props = { readonly student: string; readonly subject: string };

export function ChooseSlotPage(props: Props) {
  const names = useNames();
  const { view, list, Frame, say } = useFamily();
  const slots = useSlots();
  const student = view.students.find(({ id }) => id === props.student);
  const subject = student?.classes.find(({ id }) => id === props.subject);
  if (student === undefined || subject === undefined) {
    return (
      <Frame name="choose-slot" heading={say("not_here_title")} back={list}>
        <p>{say("not_here_text")}</p>
      </Frame>
    );
  }
  const with_ = say("appointment_with", {
    teachers: names(subject.teachers),
    subject: subject.subject,
  });
  return (
    <Frame name="choose-slot" heading={say("slots_title")} back={list}>
      <EveningCaption evening={view.evening} />
      <p class="lead">{with_}</p>
      <p>{say("appointment_about", { student: student.name })}</p>
      <ZoneNote evening={view.evening} />
      <Loaded of={slots}>
        {(given) => <ChooseForm {...props} slots={given} reload={slots.reload} />}
      </Loaded>
    </Frame>
  );
}

type FormProps = Props & { readonly slots: SlotsView; readonly reload: () => Promise<void> };

function ChooseForm({ student, subject, slots, reload }: FormProps) {
  const { go } = useNavigation();
  const family = useFamily();
  const { say } = family;
  const form = useForm({
    initial: { starts: "", note: "" },
    check: ({ starts }) => (starts === "" ? { starts: say("slots_missing") } : {}),
    send: async ({ starts, note }, attempt) => {
      const answer = await family.api.book({ attempt, student, class: subject, starts, note });
      if (answer.type === "refused") {
        await reload();
      }
      return answer;
    },
    done: async ({ appointment }) => {
      await family.reload();
      const { starts, ends } = appointment;
      go(family.list, (language) => {
        const time = readersTimes(language, family.view.evening.time_zone).span(starts, ends);
        return family.sayIn(language.text)("slots_booked", { subject: appointment.subject, time });
      });
    },
    fieldOf: (code) => (isAboutTime(code) ? "starts" : undefined),
  });
  const { values, set } = form;
  const offered = slotsOf(slots, student, subject);
  const free = hasFree(offered);
  return (
    <FormView form={form} action={free ? say("slots_book") : null}>
      <SlotChoice
        slots={offered}
        legend={say("slots_legend")}
        none={say("slots_none")}
        chosen={values.starts}
        onChange={(starts) => set("starts", starts)}
      />
      {free && (
        <TextField
          form={form}
          name="note"
          label={say("note_label")}
          hint={say("note_hint")}
          lines={3}
          maxLength={LONGEST_NOTE}
        />
      )}
    </FormView>
  );
}
