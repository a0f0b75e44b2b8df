// One thing to type: its label, a hint, what is wrong with it, and the field itself.

import { useSignal } from "@preact/signals";
import { useText } from "../text/context";
import { LONGEST_ADDRESS, LONGEST_NAME, LONGEST_PASSWORD } from "../wire/limits";
import { useField } from "./form";

type Type = "text" | "email" | "tel" | "password" | "date" | "time" | "number";

type Props<N extends string> = {
  /** Whose value it is, */
  readonly form: Typed<NoInfer<N>>;
  /** and under which name it stands there. */
  readonly name: N;
  readonly label: string;
  readonly hint?: string | undefined;
  readonly type?: Type;
  readonly autocomplete?: string;
  /** About how many characters are expected: the field is as wide. */
  readonly size?: number;
  readonly lines?: number;
  /** Where it may hold more than its type does. */
  readonly maxLength?: number;
  /** What else the field itself is told. */
  readonly more?: Readonly<Record<string, string | boolean>>;
};

/** What of a form a field for text needs. */
export type Typed<N extends string> = {
  readonly values: Readonly<Record<N, string>>;
  readonly set: (name: N, value: string) => void;
};

/** What the server takes of each, characters. */
const LONGEST: Readonly<Record<Type, number | undefined>> = {
  text: LONGEST_NAME,
  email: LONGEST_ADDRESS,
  tel: LONGEST_NAME,
  password: LONGEST_PASSWORD,
  number: LONGEST_NAME,
  date: undefined,
  time: undefined,
};

export function TextField<N extends string>(props: Props<N>) {
  const { form, name, label, hint, type = "text", autocomplete = "off", size, lines } = props;
  const { id, problem } = useField(name);
  const text = useText();
  const shown = useSignal(false);
  const common = {
    id,
    name,
    value: form.values[name],
    autocomplete,
    maxLength: props.maxLength ?? LONGEST[type],
    ...props.more,
    "aria-describedby": describedBy(id, hint, problem),
    "aria-invalid": problem !== undefined,
    onInput: ({ currentTarget }: { currentTarget: { value: string } }) =>
      form.set(name, currentTarget.value),
  };
  return (
    <div class={problem === undefined ? "field" : "field wrong"}>
      <label for={id}>{label}</label>
      <Notes id={id} hint={hint} problem={problem} />
      {lines === undefined ? (
        <input
          {...common}
          {...typed(shown.value ? "text" : type)}
          size={type === "number" ? DIGITS : size}
          spellcheck={type === "text" ? undefined : false}
        />
      ) : (
        <textarea {...common} rows={lines} />
      )}
      {type === "password" && (
        <button
          type="button"
          class="link"
          aria-pressed={shown.value}
          aria-controls={id}
          onClick={() => {
            shown.value = !shown.value;
          }}
        >
          {text(shown.value ? "password_hide" : "password_show")}
        </button>
      )}
    </div>
  );
}

const DIGITS = 6;

/**
 * A number is typed as digits: a browser's own field for numbers changes it when somebody scrolls.
 * The types of Preact tell fields apart by what else they may have, which these have not.
 */
function typed(type: string): { readonly type: "text"; readonly inputMode?: "numeric" } {
  return type === "number" ? { type: "text", inputMode: "numeric" } : { type: type as "text" };
}

type NotesProps = {
  readonly id: string;
  readonly hint?: string | undefined;
  readonly problem?: string | undefined;
};

/** The hint and the problem, which the field names by `describedBy`. */
export function Notes({ id, hint, problem }: NotesProps) {
  return (
    <>
      {hint !== undefined && (
        <p id={`${id}-hint`} class="hint">
          {hint}
        </p>
      )}
      {problem !== undefined && (
        <p id={`${id}-problem`} class="problem">
          {problem}
        </p>
      )}
    </>
  );
}

export function describedBy(
  id: string,
  hint: string | undefined,
  problem: string | undefined,
): string | undefined {
  const ids = [
    ...(hint === undefined ? [] : [`${id}-hint`]),
    ...(problem === undefined ? [] : [`${id}-problem`]),
  ];
  return ids.length === 0 ? undefined : ids.join(" ");
}
