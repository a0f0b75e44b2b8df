// Signing in to an account: by a password, or by a link that is sent.

import { useSignal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { secretIn } from "../http/links";
import { emailProblem } from "../parts/email";
import { FormView, useForm } from "../parts/form";
import { NewPasswordField, passwordProblem } from "../parts/new-password";
import { Page } from "../parts/page";
import { useSecondStep } from "../parts/second-step";
import { useText } from "../text/context";
import { useAccount } from "./account";
import { EmailField, PasswordField, passwordMissing } from "./fields";

export function SignInPage() {
  const text = useText();
  const asks = useSignal(false);
  if (asks.value) {
    return (
      <Page key="link" state="account-lost" heading={text("account_lost_title")}>
        <AskForLink />
        <p>
          <button
            type="button"
            class="link"
            onClick={() => {
              asks.value = false;
            }}
          >
            {text("forgotten_back")}
          </button>
        </p>
      </Page>
    );
  }
  return (
    <Page state="account-sign-in" heading={text("account_sign_in_title")}>
      <p>{text("account_sign_in_text")}</p>
      <SignInForm />
      <p>
        <button
          type="button"
          class="link"
          onClick={() => {
            asks.value = true;
          }}
        >
          {text("account_lost_action")}
        </button>
      </p>
    </Page>
  );
}

export function SignInForm() {
  const { api } = useAccount();
  const text = useText();
  const second = useSecondStep(api);
  const form = useForm({
    initial: { email: "", password: "" },
    check: (typed) => ({
      ...(typed.email.trim() === "" ? { email: text("email_missing") } : {}),
      ...passwordMissing(typed, text),
    }),
    send: second.send,
    done: second.done,
  });
  if (second.step !== false) {
    return second.step;
  }
  return (
    <FormView form={form} action={text("account_sign_in")}>
      <EmailField form={form} autocomplete="username" />
      <PasswordField form={form} />
    </FormView>
  );
}

/** The answer is the same whether anybody signs in with that address or not. */
function AskForLink() {
  const { api } = useAccount();
  const text = useText();
  const sentTo = useSignal<string | null>(null);
  const form = useForm({
    initial: { email: "" },
    check: ({ email }) => emailProblem(email, text),
    send: ({ email }) => api.lost(email.trim()),
    done: (_: unknown, { email }) => {
      sentTo.value = email.trim();
    },
  });
  if (sentTo.value !== null) {
    return (
      <div class="note" role="status">
        <p>{text("account_lost_done", { email: sentTo.value })}</p>
        <p>{text("account_lost_nothing")}</p>
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
    );
  }
  return (
    <>
      <p>{text("account_lost_text")}</p>
      <FormView form={form} action={text("account_lost_send")}>
        <EmailField form={form} autocomplete="username" />
      </FormView>
    </>
  );
}

/** The link of an e-mail: only a press uses it. */
export function LinkPage() {
  const { api } = useAccount();
  const text = useText();
  const secret = useMemo(() => secretIn(location), []);
  const form = useForm({
    initial: { password: "" },
    check: (values) => (values.password === "" ? {} : passwordProblem(values, text)),
    send: ({ password }) => api.byLink(secret, password),
    done: () => location.assign("/account"),
  });
  return (
    <Page state="account-link" heading={text("account_sign_in_title")}>
      <p>{text("account_link_text")}</p>
      <FormView form={form} action={text("account_sign_in")}>
        <NewPasswordField form={form} />
      </FormView>
    </Page>
  );
}
