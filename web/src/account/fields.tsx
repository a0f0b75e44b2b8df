// What the forms of an account have in common: an address, the password that somebody has, and a way on without it.

import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import type { Answer } from "../http/ask";
import { useAct } from "../parts/act";
import { TextField, type Typed } from "../parts/text-field";
import { useText } from "../text/context";
import type { Text } from "../text/text";
import { useAccount } from "./account";

type EmailProps = {
  readonly form: Typed<"email">;
  readonly label?: string;
  /** "username" where somebody signs in with it. */
  readonly autocomplete: "email" | "username";
};

export function EmailField({ form, label, autocomplete }: EmailProps) {
  const text = useText();
  return (
    <TextField
      form={form}
      name="email"
      type="email"
      label={label ?? text("sign_in_email")}
      autocomplete={autocomplete}
    />
  );
}

type PasswordProps = { readonly form: Typed<"password">; readonly hint?: string | undefined };

/** One that somebody has already. */
export function PasswordField({ form, hint }: PasswordProps) {
  const text = useText();
  return (
    <TextField
      form={form}
      name="password"
      type="password"
      label={text("sign_in_password")}
      hint={hint}
      autocomplete="current-password"
    />
  );
}

export function passwordMissing(
  { password }: { readonly password: string },
  text: Text,
): { readonly password?: string } {
  return password === "" ? { password: text("sign_in_password_missing") } : {};
}

/**
 * Where only a password is asked for, or another address beside it, it alone is wrong: the address of who is asked is
 * known.
 */
export async function byPassword<T>(asked: Promise<Answer<T>>, text: Text): Promise<Answer<T>> {
  const answer = await asked;
  if (answer.type !== "refused" || answer.problem.code !== "wrong_password") {
    return answer;
  }
  const title = text("account_password_wrong");
  const fields = [{ field: "password", code: "unknown", reason: title } as const];
  return {
    type: "refused",
    problem: { ...answer.problem, code: "unknown", title, fields: [...fields] },
  };
}

type LostProps = {
  readonly email: string;
  /** What is pressed. */
  readonly action: string;
  /** What to do with the link that is sent. */
  readonly children?: ComponentChildren;
};

/** Whoever does not know the password of a known address is sent a link to sign in with. */
export function LostPassword({ email, action, children }: LostProps) {
  const { api } = useAccount();
  const text = useText();
  const isSent = useSignal(false);
  const act = useAct(() => api.lost(email));
  const send = () =>
    act.run(() => {
      isSent.value = true;
    });
  return (
    <>
      <p>
        <button
          type="button"
          class="link"
          aria-disabled={act.busy}
          onClick={() => !act.busy && void send()}
        >
          {action}
        </button>
      </p>
      <div role="status">
        {isSent.value && (
          <div class="note">
            <p>{text("account_lost_done", { email })}</p>
            {children}
            <p>{text("account_lost_nothing")}</p>
          </div>
        )}
      </div>
      {act.problem !== null && (
        <p class="problem" role="alert">
          {act.problem}
        </p>
      )}
    </>
  );
}
