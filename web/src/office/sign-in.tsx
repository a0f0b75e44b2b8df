// Signing in. The page that was asked for follows; where a session ends while somebody works, their
// page stays below, with all that was typed.

import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useCallback, useEffect, useId, useRef } from "preact/hooks";
import { FormView, useForm } from "../parts/form";
import { Page } from "../parts/page";
import { useResource } from "../parts/resource";
import { useSecondStep } from "../parts/second-step";
import { TextField } from "../parts/text-field";
import { useText } from "../text/context";
import type { OpenidOffer } from "../wire/messages";
import { ForgottenPage } from "./forgotten";
import { useOffice } from "./office";
import { OpenidButton } from "./openid";

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
      <Ways
        apart={false}
        byPassword={({ only }) => (
          <>
            <SignInForm email={email.current} onEmail={remember} />
            {only !== true && (
              <p>
                <button type="button" class="link" onClick={turn(true)}>
                  {text("sign_in_forgotten")}
                </button>
              </p>
            )}
          </>
        )}
      />
    </Page>
  );
}

type WaysProps = {
  /** Whether what was typed elsewhere on the page must not be lost. */
  readonly apart: boolean;
  readonly byPassword: (offer: OpenidOffer) => ComponentChildren;
};

/** By the school's provider, where there is one, and by a password. */
function Ways({ apart, byPassword }: WaysProps) {
  const { api } = useOffice();
  const text = useText();
  const offer = useResource(() => api.openid(), [api]);
  const isLastResort = useSignal(false);
  if (offer.value === null) {
    // A password opens as long as it is not said that it does not.
    return offer.trouble === null ? <p class="hint">{text("loading")}</p> : byPassword({});
  }
  const { name, only = false } = offer.value;
  if (name === undefined) {
    return byPassword(offer.value);
  }
  return (
    <>
      <div class="actions">
        <OpenidButton name={name} to={location.pathname + location.search} apart={apart} />
      </div>
      {apart && <p class="hint">{text("openid_apart")}</p>}
      {only && !isLastResort.value ? (
        <p>
          <button
            type="button"
            class="link"
            onClick={() => {
              isLastResort.value = true;
            }}
          >
            {text("openid_last_resort")}
          </button>
        </p>
      ) : (
        <>
          <p>{text(only ? "openid_last_resort_text" : "openid_or", { name })}</p>
          {byPassword(offer.value)}
        </>
      )}
    </>
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
      <Ways apart byPassword={() => <SignInForm email={email} />} />
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
  const second = useSecondStep(api);
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
