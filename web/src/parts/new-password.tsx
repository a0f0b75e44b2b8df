// A password that somebody chooses.

import { useText } from "../text/context";
import type { Text } from "../text/text";
import { SHORTEST_PASSWORD } from "../wire/limits";
import { TextField, type Typed } from "./text-field";

const count = SHORTEST_PASSWORD;

export function NewPasswordField({ form }: { readonly form: Typed<"password"> }) {
  const text = useText();
  return (
    <TextField
      form={form}
      name="password"
      type="password"
      label={text("sign_in_password")}
      hint={text("setup_password_hint", { count })}
      autocomplete="new-password"
    />
  );
}

export function passwordProblem(
  { password }: { readonly password: string },
  text: Text,
): { readonly password?: string } {
  return [...password].length < count ? { password: text("setup_password_short", { count }) } : {};
}
