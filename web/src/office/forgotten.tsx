// "Forgotten password": a link to choose another is sent by email. The answer is the same whether
// anybody signs in with that address or not.

import { useSignal } from "@preact/signals";
import { emailProblem } from "../parts/email";
import { FormView, useForm } from "../parts/form";
import { Page } from "../parts/page";
import { TextField } from "../parts/text-field";
import { useText } from "../text/context";
import { useOffice } from "./office";

type Props = {
  /** What was typed before, to sign in with. */
  readonly email: string;
  readonly onBack: () => void;
};

export function ForgottenPage({ email, onBack }: Props) {
  const text = useText();
  const sentTo = useSignal<string | null>(null);
  return (
    <Page key="forgotten" state="forgotten" heading={text("sign_in_forgotten")}>
      {sentTo.value === null ? (
        <Ask
          email={email}
          onSent={(to) => {
            sentTo.value = to;
          }}
        />
      ) : (
        <div class="note" role="status">
          <p>{text("forgotten_done", { email: sentTo.value })}</p>
          <p>{text("forgotten_nothing")}</p>
          <button
            type="button"
            class="secondary"
            onClick={() => {
              sentTo.value = null;
            }}
          >
            {text("forgotten_other")}
          </button>
        </div>
      )}
      <p>
        <button type="button" class="link" onClick={onBack}>
          {text("forgotten_back")}
        </button>
      </p>
    </Page>
  );
}

type AskProps = { readonly email: string; readonly onSent: (to: string) => void };

function Ask({ email, onSent }: AskProps) {
  const { api } = useOffice();
  const text = useText();
  const form = useForm({
    initial: { email },
    check: ({ email }) => emailProblem(email, text),
    send: ({ email }) => api.lostPassword(email.trim()),
    done: (_: unknown, { email }) => onSent(email.trim()),
  });
  return (
    <>
      <p>{text("forgotten_text")}</p>
      <FormView form={form} action={text("forgotten_action")}>
        <TextField
          form={form}
          name="email"
          type="email"
          label={text("sign_in_email")}
          autocomplete="username"
        />
      </FormView>
    </>
  );
}
