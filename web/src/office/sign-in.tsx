// Signing in. The page that was asked for follows; where a session ends while somebody works, their
// page stays below, with all that was typed.

import { useSignal } from "@preact/signals";
import { useCallback, useEffect, useId, useRef } from "preact/hooks";
import { FormView, useForm } from "../parts/form";
import { Page } from "../parts/page";
import { useSecondStep } from "../parts/second-step";
import { TextField } from "../parts/text-field";
import { useText } from "../text/context";
import { ForgottenPage } from "./forgotten";
import { useOffice } from "./office";

export function SignInPage() {
  const text = useText();
  const hasForgotten = useSignal(false);
  const email = useRef("");
  const remember = useCallback((typed: string) => {
    email.current = typed;
  }, []);
  const turn = (to: boolean) => () => {
    hasForgotten.value = to;
  };
  if (hasForgotten.value) {
    return <ForgottenPage email={email.current} onBack={turn(false)} />;
  }
  return (
    <Page state="sign-in" heading={text("sign_in_title")}>
      <p>{text("sign_in_text")}</p>
      <SignInForm email="" onEmail={remember} />
      <p>
        <button type="button" class="link" onClick={turn(true)}>
          {text("sign_in_forgotten")}
        </button>
      </p>
    </Page>
  );
}

/** In a dialogue that cannot be closed: what waits below goes on once somebody has signed in. */
export function SignInAgain({ email }: { readonly email: string }) {
  const text = useText();
  const id = useId();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog
      ref={dialog}
      class="confirm"
      aria-labelledby={id}
      onCancel={(event) => event.preventDefault()}
    >
      <h2 id={id}>{text("sign_in_again_title")}</h2>
      <p>{text("sign_in_again_text")}</p>
      <SignInForm email={email} />
    </dialog>
  );
}

type Props = {
  readonly email: string;
  /** What was typed there so far. */
  readonly onEmail?: (email: string) => void;
};

function SignInForm({ email: before, onEmail }: Props) {
  const { api } = useOffice();
  const text = useText();
  const second = useSecondStep(api.signIn);
  const form = useForm({
    initial: { email: before, password: "" },
    check: ({ email, password }) => ({
      ...(email.trim() === "" ? { email: text("email_missing") } : {}),
      ...(password === "" ? { password: text("sign_in_password_missing") } : {}),
    }),
    send: second.send,
    done: second.done,
  });
  const typed = form.values.email;
  useEffect(() => onEmail?.(typed), [typed, onEmail]);
  if (second.step !== false) {
    return second.step;
  }
  return (
    <FormView form={form} action={text("sign_in_action")}>
      <TextField
        form={form}
        name="email"
        type="email"
        label={text("sign_in_email")}
        autocomplete="username"
      />
      <TextField
        form={form}
        name="password"
        type="password"
        label={text("sign_in_password")}
        autocomplete="current-password"
      />
    </FormView>
  );
}
