// "Send me my link again" (EVE-18): the answer is the same whether anybody has that address or not.

import { useSignal } from "@preact/signals";
import { askLostLink } from "../http/links";
import { useText } from "../text/context";
import { emailProblem } from "./email";
import { FormView, useForm } from "./form";
import { TextField } from "./text-field";

export function LostLink() {
  const text = useText();
  const sentTo = useSignal<string | null>(null);
  const form = useForm({
    initial: { email: "" },
    check: ({ email }) => emailProblem(email, text),
    send: ({ email }) => askLostLink(email.trim()),
    done: (_: unknown, { email }) => {
      sentTo.value = email.trim();
    },
  });
  return (
    <section class="section" aria-labelledby="lost-link">
      <h2 id="lost-link">{text("lost_link_title")}</h2>
      {sentTo.value === null ? (
        <FormView form={form} action={text("lost_link_action")}>
          <TextField
            form={form}
            name="email"
            type="email"
            label={text("lost_link_email")}
            hint={text("lost_link_hint")}
            autocomplete="email"
          />
        </FormView>
      ) : (
        <div class="note" role="status">
          <p>{text("lost_link_done", { email: sentTo.value })}</p>
          <p>{text("lost_link_nothing")}</p>
          <button
            type="button"
            class="secondary"
            onClick={() => {
              sentTo.value = null;
            }}
          >
            {text("lost_link_other")}
          </button>
        </div>
      )}
    </section>
  );
}
