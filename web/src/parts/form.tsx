// A form: what was typed, what is wrong with it, and one sending at a time.

import { useSignal } from "@preact/signals";
import { type ComponentChildren, createContext } from "preact";
import { useContext, useId, useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { type Answer, newAttempt } from "../http/ask";
import { NavigationContext } from "../navigation";
import { useText } from "../text/context";
import { wordsOf, wordsOfField } from "../text/refusals";
import type { Text } from "../text/text";
import type { Problem } from "../wire/messages";
import { begin } from "./gone-on";

/** What is wrong, in words, by the name of the field; `""` where it is no one field's. */
export type Problems<V> = Partial<Record<(keyof V & string) | "", string>>;

export type Form<V> = {
  readonly values: V;
  readonly set: <K extends keyof V>(name: K, value: V[K]) => void;
  readonly problems: Problems<V>;
  /** Another each time that something was found wrong; not where that is only said in another language. */
  readonly found: unknown;
  readonly busy: boolean;
  readonly submit: () => void;
};

type Use<V, T> = {
  readonly initial: V;
  /** What is wrong with what was typed. */
  readonly check: (values: V) => Problems<V>;
  /** Whether who sends it is one person, whatever is typed: then a lost answer may have been to them. */
  readonly isOnePerson?: boolean;
  /** Sends it. The attempt stays the same until there was an answer: a retry is no second one. */
  readonly send: (values: V, attempt: string) => Promise<Answer<T>>;
  /** What follows; the form is busy until that is there. */
  readonly done: (body: T, values: V) => void | Promise<void>;
  /** Which field a refusal is about, by its code. */
  readonly fieldOf?: (code: string) => (keyof V & string) | undefined;
  /** What fields are called here that the server calls otherwise. */
  readonly names?: Readonly<Record<string, keyof V & string>>;
};

export function useForm<V extends object, T>(use: Use<V, T>): Form<V> {
  const text = useText();
  const navigation = useContext(NavigationContext);
  const values = useSignal(use.initial);
  // Said anew where the reader chooses another language.
  const found = useSignal<((use: Use<V, T>, text: Text) => Problems<V>) | null>(null);
  const problems = useMemo(() => found.value?.(use, text) ?? {}, [found.value, text]);
  const busy = useSignal(false);
  const attempt = useRef<string | null>(null);
  // Who waits for the school's approval, or may do so, waits by the same press, whatever is typed.
  const waits = useRef(false);

  const send = async () => {
    busy.value = true;
    begin(navigation);
    attempt.current ??= newAttempt();
    const answer = await use.send(values.value, attempt.current);
    if (answer.type === "given") {
      attempt.current = null;
      waits.current = false;
      await use.done(answer.body, values.value);
      busy.value = false;
      return;
    }
    busy.value = false;
    if (answer.type === "unreachable") {
      waits.current ||= use.isOnePerson === true;
      found.value = (_, text) => ({ "": text("refusal_unreachable") }) as Problems<V>;
    } else {
      const { problem } = answer;
      const sent = values.value;
      waits.current = problem.code === "needs_approval";
      if (!waits.current) {
        attempt.current = null;
      }
      found.value = (use, text) => refused(problem, sent, use, text);
    }
  };

  return {
    values: values.value,
    set: (name, value) => {
      if (!waits.current) {
        attempt.current = null;
      }
      values.value = { ...values.value, [name]: value };
    },
    problems,
    found: found.value,
    busy: busy.value,
    submit: () => {
      if (busy.value) {
        return;
      }
      const typed = values.value;
      if (Object.keys(use.check(typed)).length === 0) {
        found.value = null;
        void send();
      } else {
        found.value = (use) => use.check(typed);
      }
    },
  };
}

/** Each problem at its field; what the form has no field for stands above it. */
export function refused<V extends object>(
  problem: Problem,
  values: V,
  { fieldOf, names = {} }: Pick<Use<V, never>, "fieldOf" | "names">,
  text: Text,
): Problems<V> {
  if (problem.fields === undefined || problem.fields.length === 0) {
    return { [fieldOf?.(problem.code) ?? ""]: wordsOf(problem, text) } as Problems<V>;
  }
  const entries = problem.fields.map((wrong) => {
    const own = names[wrong.field] ?? wrong.field;
    return [own in values ? own : "", wordsOfField(wrong, text)];
  });
  return Object.fromEntries(entries) as Problems<V>;
}

type Shown = {
  readonly idOf: (name: string) => string;
  readonly problemOf: (name: string) => string | undefined;
};

export const FormContext = createContext<Shown>({
  idOf: (name) => name,
  problemOf: () => undefined,
});

/** The id and the problem of the field of this name, in the form around it. */
export function useField(name: string): { readonly id: string; readonly problem?: string } {
  const { idOf, problemOf } = useContext(FormContext);
  const problem = problemOf(name);
  return problem === undefined ? { id: idOf(name) } : { id: idOf(name), problem };
}

type Props<V> = {
  readonly form: Form<V>;
  /** What the button says; `null` while there is nothing to send. */
  readonly action: string | null;
  /** Beside the button: another way out. */
  readonly beside?: ComponentChildren;
  readonly children: ComponentChildren;
};

export function FormView<V>({ form, action, beside, children }: Props<V>) {
  const prefix = useId();
  const problems: Readonly<Record<string, string | undefined>> = form.problems;
  const idOf = (name: string) => `${prefix}-${name}`;
  return (
    <FormContext.Provider value={{ idOf, problemOf: (name) => problems[name] }}>
      <ErrorSummary problems={form.problems} found={form.found} idOf={idOf} />
      <form
        noValidate
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          form.submit();
        }}
      >
        {children}
        <div class="actions">
          {action !== null && <BusyButton busy={form.busy}>{action}</BusyButton>}
          {beside}
        </div>
      </form>
    </FormContext.Provider>
  );
}

/** Stays in the order of the keyboard while it is busy, so that the focus is not lost. */
export function BusyButton({
  busy,
  children,
  onPress,
  kind = "primary",
  describedBy,
}: {
  readonly busy: boolean;
  readonly children: ComponentChildren;
  readonly onPress?: () => void;
  readonly kind?: "primary" | "secondary" | "danger";
  readonly describedBy?: string;
}) {
  const text = useText();
  return (
    <>
      <button
        type={onPress === undefined ? "submit" : "button"}
        class={kind}
        aria-disabled={busy}
        aria-describedby={describedBy}
        onClick={() => !busy && onPress?.()}
      >
        {children}
      </button>
      <span role="status" class="busy">
        {busy ? text("busy") : ""}
      </span>
    </>
  );
}

type Summary<V> = {
  readonly problems: Problems<V>;
  readonly found: unknown;
  readonly idOf: (name: string) => string;
};

/** Takes the focus when there is something wrong, and leads to each field. */
function ErrorSummary<V>({ problems, found: since, idOf }: Summary<V>) {
  const text = useText();
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => box.current?.focus(), [since]);
  const found = Object.entries(problems) as [string, string][];
  if (found.length === 0) {
    return null;
  }
  return (
    <div ref={box} class="errors" role="alert" tabIndex={-1} aria-labelledby={idOf("summary")}>
      <h2 id={idOf("summary")}>{text("form_problems")}</h2>
      <ul>
        {found.map(([name, problem]) => (
          <li key={name}>
            {name === "" ? (
              problem
            ) : (
              <button type="button" class="link" onClick={() => focusOn(idOf(name))}>
                {problem}
              </button>
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}

export function focusOn(id: string): void {
  const field = document.getElementById(id);
  const first = field?.matches("fieldset") ? field.querySelector("input") : field;
  first?.focus();
  field?.scrollIntoView({ block: "nearest" });
}
