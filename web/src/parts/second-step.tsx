// The second step of signing in: a passkey or a code, where the password alone is not enough.

import { useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import type { Answer } from "../http/ask";
import { knowsPasskeys } from "../http/passkey";
import { useText } from "../text/context";
import type { PasskeyAsked, SignIn } from "../wire/messages";
import { FormView, useForm } from "./form";
import { UsePasskey } from "./passkey";
import { TextField, type Typed } from "./text-field";

/** What was typed first. */
type Shown = { readonly email: string; readonly password: string };

/** What is shown besides. */
type Besides = Pick<SignIn, "code" | "passkey">;

type Door = {
  readonly signIn: (asked: SignIn) => Promise<Answer<unknown>>;
  readonly askPasskey: (asked: SignIn) => Promise<Answer<PasskeyAsked>>;
};

/** Signing in by a password, and what comes next where more is asked for besides. */
export function useSecondStep(api: Door) {
  const shown = useSignal<Shown | null>(null);
  const signIn = ({ email, password }: Shown, besides: Besides = {}) =>
    api.signIn({ email: email.trim(), password, ...besides });
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
        send={(besides) => signIn(before, besides)}
        askPasskey={() => api.askPasskey({ email: before.email.trim(), password: before.password })}
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
  /** Sends what was typed before, and what is shown now. */
  readonly send: (besides: Besides) => Promise<Answer<unknown>>;
  readonly askPasskey: () => Promise<Answer<PasskeyAsked>>;
  readonly onBack: () => void;
};

function SecondStep({ send, askPasskey, onBack }: Props) {
  const text = useText();
  const asked = useSignal<PasskeyAsked | null>(null);
  useEffect(() => {
    const look = async () => {
      const answer = await askPasskey();
      if (answer.type === "given" && answer.body.challenge !== "") {
        asked.value = answer.body;
      }
    };
    if (knowsPasskeys()) {
      void look();
    }
  }, []);
  const form = useForm({
    initial: { code: "" },
    check: ({ code }) => (code.trim() === "" ? { code: text("second_step_missing") } : {}),
    send: ({ code }) => send({ code: code.trim() }),
    done: () => undefined,
    fieldOf: (code) => (fieldOfStep(code) === "code" ? "code" : undefined),
  });
  const words = useRef<HTMLParagraphElement>(null);
  useLayoutEffect(() => words.current?.focus(), []);
  return (
    <>
      <p ref={words} tabIndex={-1}>
        {text(asked.value === null ? "second_step_text" : "passkey_step_text")}
      </p>
      {asked.value !== null && (
        <UsePasskey
          first={asked.value}
          ask={askPasskey}
          send={(passkey) => send({ passkey })}
          done={() => undefined}
        />
      )}
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
