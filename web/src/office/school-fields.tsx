// What is asked of a school when it is set up, and whenever that is changed.

import { TextField, type Typed } from "../parts/text-field";
import { useText } from "../text/context";
import type { Text } from "../text/text";
import { ZoneField } from "./zones";

/** A school, as it is typed. */
export type SchoolValues = {
  readonly school: string;
  readonly time_zone: string;
  /** Whom people ask for help. */
  readonly contact_email: string;
  readonly contact_phone: string;
};

export function SchoolFields({ form }: { readonly form: Typed<keyof SchoolValues> }) {
  const text = useText();
  return (
    <>
      <TextField
        form={form}
        name="school"
        label={text("setup_school")}
        autocomplete="organization"
      />
      <ZoneField form={form} />
      <TextField
        form={form}
        name="contact_email"
        type="email"
        label={text("settings_email")}
        hint={text("settings_email_hint")}
      />
      <TextField form={form} name="contact_phone" label={text("settings_phone")} size={20} />
    </>
  );
}

export function schoolProblems({ school }: SchoolValues, text: Text): { readonly school?: string } {
  return school.trim() === "" ? { school: text("setup_school_missing") } : {};
}
