// A form of one field, or of none, in a narrow place: what is wrong is told there, and in no box above.

import type { ComponentChildren } from "preact";
import { useEffect, useId } from "preact/hooks";
import { BusyButton, type Form, FormContext, focusOn } from "../parts/form";

type Props<V> = {
  readonly form: Form<V>;
  /** What the button says. */
  readonly action: string;
  readonly children?: ComponentChildren;
};

export function SmallForm<V>({ form, action, children }: Props<V>) {
  const prefix = useId();
  const problems: Readonly<Record<string, string | undefined>> = form.problems;
  const idOf = (name: string) => `${prefix}-${name}`;
  const [wrong] = Object.keys(problems);
  useEffect(() => {
    if (wrong) {
      focusOn(idOf(wrong));
    }
  }, [problems]);
  return (
    <FormContext.Provider value={{ idOf, problemOf: (name) => problems[name] }}>
      <form
        noValidate
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          form.submit();
        }}
      >
        {children}
        {wrong !== undefined && (
          // Who has the focus in the field already hears of it here; it is seen at the field.
          <p class={wrong === "" ? "problem" : "visually-hidden"} role="alert">
            {problems[wrong]}
          </p>
        )}
        <div class="actions">
          <BusyButton busy={form.busy}>{action}</BusyButton>
        </div>
      </form>
    </FormContext.Provider>
  );
}
