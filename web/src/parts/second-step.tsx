// The second step of signing in: a code, where the password alone is not enough.

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { Answer } from "../http/ask";
import { useText } from "../text/context";
import type { SignIn } from "../wire/messages";
import { FormView, useForm } from "./form";
import { TextField, type Typed } from "./text-field";

/** What was typed first. */
type Shown = { readonly email: string; readonly password: string };

/** Signing in by a password, and what comes next where a code is asked for besides. */
export function useSecondStep(ask: (asked: SignIn) => Promise<Answer<unknown>>) {
  const shown = useSignal<Shown | null>(null);
  const signIn = ({ email, password }: Shown, code: { readonly code?: string } = {}) =>
    ask({ email: email.trim(), password, ...code });
  const before = shown.value;
  return {
    send: async (typed: Shown): Promise<Answer<unknown>> => {
      const answer = await signIn(typed);
      const isAsked = answer.type === "refused" && answer.problem.code === "code_needed";
      return isAsked ? { type: "given", body: CODE } : answer;
    },
    done: (answer: unknown, typed: Shown) => {
      if (answer === CODE) {
        shown.value = typed;
      }
    },
    /** In the place of the form, once the password was right. */
    step: before !== null && (
      <SecondStep
        send={(code) => signIn(before, { code })}
        onBack={() => {
          shown.value = null;
        }}
      />
    ),
  };
}

/** Stands for an answer: a code is asked for. */
const CODE = Symbol("code");

const OF_CODES = new Set(["wrong_code", "code_needed", "code_unreadable", "codes_stopped"]);

/** Which field of a form a refusal is about, where it asks for a password and a code. */
export function fieldOfStep(code: string): "code" | "password" | undefined {
  return code === "wrong_password" ? "password" : OF_CODES.has(code) ? "code" : undefined;
}

/** From left to right in every language; and no browser spells a code, or sends it somewhere to have it spelt. */
const WRITTEN = { dir: "ltr", spellcheck: false, autocapitalize: "none" };

type FieldProps = {
  readonly form: Typed<"code">;
  readonly hint: string;
};

export function CodeField({ form, hint }: FieldProps) {
  const text = useText();
  return (
    <TextField
      form={form}
      name="code"
      label={text("second_step_code")}
      hint={hint}
      autocomplete="one-time-code"
      size={20}
      more={WRITTEN}
    />
  );
}

type Props = {
  /** Sends what was typed before, and the code. */
  readonly send: (code: string) => Promise<Answer<unknown>>;
  readonly onBack: () => void;
};

function SecondStep({ send, onBack }: Props) {
  const text = useText();
  const form = useForm({
    initial: { code: "" },
    check: ({ code }) => (code.trim() === "" ? { code: text("second_step_missing") } : {}),
    send: ({ code }) => send(code.trim()),
    done: () => undefined,
    fieldOf: (code) => (fieldOfStep(code) === "code" ? "code" : undefined),
  });
  const words = useRef<HTMLParagraphElement>(null);
  useEffect(() => words.current?.focus(), []);
  return (
    <>
      <p ref={words} tabIndex={-1}>
        {text("second_step_text")}
      </p>
      <FormView
        form={form}
        action={text("sign_in_action")}
        beside={
          <button type="button" class="link" onClick={onBack}>
            {text("go_back")}
          </button>
        }
      >
        <CodeField form={form} hint={text("second_step_hint")} />
      </FormView>
    </>
  );
}
