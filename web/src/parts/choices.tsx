// One or several of a few, by the browser's own radio buttons, boxes and lists.

import { useField } from "./form";
import { describedBy, Notes, type Typed } from "./text-field";

export type Choice = {
  readonly value: string;
  readonly label: string;
  readonly hint?: string | undefined;
  readonly disabled?: boolean;
};

type Group = {
  readonly name: string;
  /** Whether there are many short ones, for columns where there is room. */
  readonly many?: boolean;
  readonly legend: string;
  readonly hint?: string | undefined;
  readonly choices: readonly Choice[];
};

/** Several of a few. */
export function Checkboxes({
  chosen,
  onChange,
  ...group
}: Group & {
  readonly chosen: readonly string[];
  readonly onChange: (chosen: readonly string[]) => void;
}) {
  return (
    <Options
      {...group}
      type="checkbox"
      isChosen={(value) => chosen.includes(value)}
      onChoose={(value, on) =>
        onChange(on ? [...chosen, value] : chosen.filter((one) => one !== value))
      }
    />
  );
}

/** One of a few. */
export function Radios({
  chosen,
  onChange,
  ...group
}: Group & { readonly chosen: string; readonly onChange: (chosen: string) => void }) {
  return (
    <Options
      {...group}
      type="radio"
      isChosen={(value) => chosen === value}
      onChoose={(value) => onChange(value)}
    />
  );
}

type OptionsProps = Group & {
  readonly type: "checkbox" | "radio";
  readonly isChosen: (value: string) => boolean;
  readonly onChoose: (value: string, on: boolean) => void;
};

function Options(props: OptionsProps) {
  const { name, legend, hint, many, choices, type, isChosen, onChoose } = props;
  const { id, problem } = useField(name);
  return (
    <fieldset
      id={id}
      class={problem === undefined ? "field" : "field wrong"}
      aria-describedby={describedBy(id, hint, problem)}
    >
      <legend>{legend}</legend>
      <Notes id={id} hint={hint} problem={problem} />
      <div class={many === true ? "options many" : "options"}>
        {choices.map((choice) => (
          <label key={choice.value} class="check">
            <input
              type={type}
              name={id}
              value={choice.value}
              checked={isChosen(choice.value)}
              disabled={choice.disabled === true}
              onChange={({ currentTarget }) => onChoose(choice.value, currentTarget.checked)}
            />
            <span>
              {choice.label}
              {choice.hint !== undefined && <span class="hint">{choice.hint}</span>}
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}

type TickProps = {
  readonly name: string;
  readonly label: string;
  readonly hint?: string | undefined;
  readonly on: boolean;
  readonly onChange: (on: boolean) => void;
};

/** A single tick, such as to consent. */
export function Tick({ name, label, hint, on, onChange }: TickProps) {
  const { id, problem } = useField(name);
  return (
    <div class={problem === undefined ? "field" : "field wrong"}>
      <Notes id={id} problem={problem} />
      <label class="check">
        <input
          id={id}
          name={name}
          type="checkbox"
          checked={on}
          aria-describedby={describedBy(id, hint, problem)}
          aria-invalid={problem !== undefined}
          onChange={({ currentTarget }) => onChange(currentTarget.checked)}
        />
        <span>
          <bdi>{label}</bdi>
        </span>
      </label>
      <Notes id={id} hint={hint} />
    </div>
  );
}

type SelectProps<N extends string> = {
  /** Whose value it is, */
  readonly form: Typed<NoInfer<N>>;
  /** and under which name it stands there. */
  readonly name: N;
  readonly label: string;
  readonly hint?: string;
  readonly choices: readonly Choice[];
};

/** One of many. */
export function SelectField<N extends string>(props: SelectProps<N>) {
  const { form, name, label, hint, choices } = props;
  const { id, problem } = useField(name);
  return (
    <div class={problem === undefined ? "field" : "field wrong"}>
      <label for={id}>{label}</label>
      <Notes id={id} hint={hint} problem={problem} />
      <select
        id={id}
        name={name}
        value={form.values[name]}
        aria-describedby={describedBy(id, hint, problem)}
        aria-invalid={problem !== undefined}
        onChange={({ currentTarget }) => form.set(name, currentTarget.value)}
      >
        {choices.map(({ value, label: words, disabled }) => (
          <option key={value} value={value} disabled={disabled === true}>
            {words}
          </option>
        ))}
      </select>
    </div>
  );
}
