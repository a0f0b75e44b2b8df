// The one-time link that the program printed: the school and its first administrator.

import { useMemo } from "preact/hooks";
import { FormView, type Problems, useForm } from "../parts/form";
import { Page } from "../parts/page";
import { Loaded, useResource } from "../parts/resource";
import { TextField } from "../parts/text-field";
import { useText } from "../text/context";
import type { Text } from "../text/text";
import { useOffice } from "./office";

export const PASSWORD_AT_LEAST = 12;

export function SetupPage() {
  const { api } = useOffice();
  const text = useText();
  const secret = useMemo(() => location.hash.slice(1), []);
  const checked = useResource(async () => {
    const answer = await api.checkSetup(secret);
    return answer.type === "given" ? { type: "given" as const, body: true } : answer;
  }, [secret]);
  const dead = checked.trouble !== null && checked.trouble !== "unreachable";
  return (
    <Page state="setup" heading={text(dead ? "setup_dead_title" : "setup_title")}>
      {dead ? (
        <>
          <p>{text("setup_dead_text")}</p>
          <p>
            <a href="/office">{text("sign_in_title")}</a>
          </p>
        </>
      ) : (
        <Loaded of={checked}>{() => <SetupForm secret={secret} />}</Loaded>
      )}
    </Page>
  );
}

type Setup = {
  readonly school: string;
  readonly name: string;
  readonly email: string;
  readonly password: string;
};

function SetupForm({ secret }: { readonly secret: string }) {
  const { api } = useOffice();
  const text = useText();
  const form = useForm({
    initial: { school: "", name: "", email: "", password: "" } as Setup,
    check: (values) => problemsOf(values, text),
    send: (values) => api.setUp({ ...values, secret }),
    done: () => location.assign("/office"),
  });
  const { values, set } = form;
  return (
    <>
      <p>{text("setup_text")}</p>
      <FormView form={form} action={text("setup_action")}>
        <TextField
          name="school"
          label={text("setup_school")}
          autocomplete="organization"
          value={values.school}
          onChange={(school) => set("school", school)}
          maxLength={100}
        />
        <TextField
          name="name"
          label={text("setup_name")}
          autocomplete="name"
          value={values.name}
          onChange={(name) => set("name", name)}
          maxLength={100}
        />
        <TextField
          name="email"
          type="email"
          label={text("sign_in_email")}
          hint={text("setup_email_hint")}
          autocomplete="username"
          value={values.email}
          onChange={(email) => set("email", email)}
          maxLength={254}
        />
        <TextField
          name="password"
          type="password"
          label={text("sign_in_password")}
          hint={text("setup_password_hint", { count: PASSWORD_AT_LEAST })}
          autocomplete="new-password"
          value={values.password}
          onChange={(password) => set("password", password)}
          maxLength={256}
        />
      </FormView>
    </>
  );
}

export function problemsOf(values: Setup, text: Text): Problems<Setup> {
  const { school, name, email, password } = values;
  const count = PASSWORD_AT_LEAST;
  return {
    ...(school.trim() === "" ? { school: text("setup_school_missing") } : {}),
    ...(name.trim() === "" ? { name: text("setup_name_missing") } : {}),
    ...(email.includes("@") ? {} : { email: text("email_missing") }),
    ...([...password].length < count ? { password: text("setup_password_short", { count }) } : {}),
  };
}
