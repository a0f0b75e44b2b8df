// A note to the teachers of an appointment.

import { useNavigation } from "../../navigation";
import { FormView, useForm } from "../../parts/form";
import { LinkPage } from "../../parts/link-page";
import { useNames } from "../../parts/names";
import { TextField } from "../../parts/text-field";
import { useText } from "../../text/context";
import { LONGEST_NOTE } from "../../wire/limits";
import type { BookingView } from "../../wire/messages";
import { useParent } from "./parent";

export function NotePage({ booking }: { readonly booking: string }) {
  const text = useText();
  const { view } = useParent();
  const found = view.bookings.find(({ appointment }) => appointment.id === booking);
  return found === undefined ? (
    <LinkPage name="note" heading={text("not_here_title")} back="">
      <p>{text("not_here_text")}</p>
    </LinkPage>
  ) : (
    <NoteForm booking={found} />
  );
}

function NoteForm({ booking: { appointment, note } }: { readonly booking: BookingView }) {
  const text = useText();
  const names = useNames();
  const { go } = useNavigation();
  const { api, reload } = useParent();
  const { id, teachers, subject } = appointment;
  const form = useForm({
    initial: { note },
    check: () => ({}),
    send: (values) => api.note(id, values.note),
    done: async () => {
      await reload();
      go("", ({ text }) => text("note_saved"));
    },
  });
  return (
    <LinkPage name="note" heading={text("note_title")} back="">
      <p class="lead">{text("appointment_with", { teachers: names(teachers), subject })}</p>
      <FormView form={form} action={text("note_save")}>
        <TextField
          form={form}
          name="note"
          label={text("note_label")}
          hint={text("note_hint")}
          lines={4}
          maxLength={LONGEST_NOTE}
        />
      </FormView>
    </LinkPage>
  );
}
