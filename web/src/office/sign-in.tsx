// Signing in. The page that was asked for follows.

import { FormView, useForm } from "../parts/form";
import { Page } from "../parts/page";
import { TextField } from "../parts/text-field";
import { useText } from "../text/context";
import { useOffice } from "./office";

export function SignInPage() {
  const { api } = useOffice();
  const text = useText();
  const form = useForm({
    initial: { email: "", password: "" },
    check: ({ email, password }) => ({
      ...(email.trim() === "" ? { email: text("email_missing") } : {}),
      ...(password === "" ? { password: text("sign_in_password_missing") } : {}),
    }),
    send: ({ email, password }) => api.signIn({ email: email.trim(), password }),
    done: () => undefined,
  });
  const { values, set } = form;
  return (
    <Page state="sign-in" heading={text("sign_in_title")}>
      <p>{text("sign_in_text")}</p>
      <FormView form={form} action={text("sign_in_action")}>
        <TextField
          name="email"
          type="email"
          label={text("sign_in_email")}
          autocomplete="username"
          value={values.email}
          onChange={(email) => set("email", email)}
        />
        <TextField
          name="password"
          type="password"
          label={text("sign_in_password")}
          autocomplete="current-password"
          value={values.password}
          onChange={(password) => set("password", password)}
        />
      </FormView>
    </Page>
  );
}
