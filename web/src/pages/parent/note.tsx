// A note to the teachers of an appointment.

import { useNavigation } from "../../navigation";
import { useNames } from "../../parts/appointment";
import { FormView, useForm } from "../../parts/form";
import { LinkPage } from "../../parts/link-page";
import { TextField } from "../../parts/text-field";
import { useText } from "../../text/context";
import { LONGEST_NOTE } from "../../wire/limits";
import { useParent } from "./parent";

export function NotePage({ booking }: { readonly booking: string }) {
  const text = useText();
  const names = useNames();
  const { go } = useNavigation();
  const { api, view, reload } = useParent();
  const found = view.bookings.find(({ appointment }) => appointment.id === booking);
  const form = useForm({
    initial: { note: found?.note ?? "" },
    check: () => ({}),
    send: ({ note }) => api.note(booking, note),
    done: async () => {
      await reload();
      go("", text("note_saved"));
    },
  });
  return (
    <LinkPage name="note" heading={text("note_title")} back="">
      {found !== undefined && (
        <p class="lead">
          {text("appointment_with", {
            teachers: names(found.appointment.teachers),
            subject: found.appointment.subject,
          })}
        </p>
      )}
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
