// An account for somebody of the staff who has rooms, and no work in the office.

import { useSignal } from "@preact/signals";
import { emailProblem } from "../parts/email";
import { FormView, useForm } from "../parts/form";
import { TextField } from "../parts/text-field";
import { useText } from "../text/context";
import type { LinkShown } from "../wire/messages";
import { useOffice } from "./office";
import { OfficePage } from "./office-page";

export function MemberPage() {
  const { api } = useOffice();
  const text = useText();
  const made = useSignal<{ readonly name: string; readonly url: string } | null>(null);
  const form = useForm<{ readonly name: string; readonly email: string }, LinkShown>({
    initial: { name: "", email: "" },
    check: ({ name, email }) => ({
      ...(name.trim() === "" ? { name: text("name_missing") } : {}),
      ...emailProblem(email, text),
    }),
    send: ({ name, email }) => api.addMember({ name: name.trim(), email: email.trim() }),
    done: ({ url }, { name }) => {
      made.value = { name: name.trim(), url };
    },
    fieldOf: (code) => (code === "email_taken" ? "email" : undefined),
  });
  return (
    <OfficePage
      name="member"
      heading={text("member_new")}
      back={{ to: "rooms", label: text("office_rooms") }}
    >
      {made.value === null ? (
        <FormView form={form} action={text("member_add")}>
          <TextField form={form} name="name" label={text("column_name")} />
          <TextField
            form={form}
            name="email"
            type="email"
            label={text("column_email")}
            hint={text("setup_email_hint")}
          />
        </FormView>
      ) : (
        <div class="note" role="status">
          <p>{text("member_added", { name: made.value.name })}</p>
          <p class="address">{made.value.url}</p>
        </div>
      )}
    </OfficePage>
  );
}
