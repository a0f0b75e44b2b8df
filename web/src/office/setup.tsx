// The one-time link that the program printed: the school and its first administrator, or the password
// of somebody who was added.

import { useEffect, useMemo } from "preact/hooks";
import { secretIn } from "../http/links";
import { SelectField } from "../parts/choices";
import { FormView, type Problems, useForm } from "../parts/form";
import { Page } from "../parts/page";
import { Loaded, useResource } from "../parts/resource";
import { TextField } from "../parts/text-field";
import { useText } from "../text/context";
import type { Text } from "../text/text";
import { LONGEST_ADDRESS, LONGEST_NAME, LONGEST_PASSWORD, SHORTEST_PASSWORD } from "../wire/limits";
import { useOffice } from "./office";
import { zones } from "./zones";

export function SetupPage() {
  const { api } = useOffice();
  const text = useText();
  const secret = useMemo(() => secretIn(location), []);
  useEffect(() => {
    // Another link pasted over this one is another page.
    addEventListener("hashchange", () => location.reload());
  }, []);
  const checked = useResource(() => api.checkSetup(secret), [secret]);
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
        <Loaded of={checked}>
          {({ email }) =>
            email === undefined ? (
              <SetupForm secret={secret} />
            ) : (
              <PasswordForm secret={secret} email={email} />
            )
          }
        </Loaded>
      )}
    </Page>
  );
}

type Setup = {
  readonly school: string;
  readonly name: string;
  readonly email: string;
  readonly password: string;
  readonly time_zone: string;
  readonly contact_email: string;
  readonly contact_phone: string;
};

/** What the form begins with: the browser's time zone is most often the school's. */
const FIRST: Setup = {
  school: "",
  name: "",
  email: "",
  password: "",
  time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
  contact_email: "",
  contact_phone: "",
};

function SetupForm({ secret }: { readonly secret: string }) {
  const { api } = useOffice();
  const text = useText();
  const form = useForm({
    initial: FIRST,
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
          maxLength={LONGEST_NAME}
        />
        <SelectField
          name="time_zone"
          label={text("evening_zone")}
          choices={zones(values.time_zone)}
          chosen={values.time_zone}
          onChange={(zone) => set("time_zone", zone)}
        />
        <TextField
          name="contact_email"
          type="email"
          label={text("settings_email")}
          hint={text("settings_email_hint")}
          value={values.contact_email}
          onChange={(email) => set("contact_email", email)}
          maxLength={LONGEST_ADDRESS}
        />
        <TextField
          name="contact_phone"
          label={text("settings_phone")}
          value={values.contact_phone}
          onChange={(phone) => set("contact_phone", phone)}
          maxLength={LONGEST_NAME}
        />
        <TextField
          name="name"
          label={text("setup_name")}
          autocomplete="name"
          value={values.name}
          onChange={(name) => set("name", name)}
          maxLength={LONGEST_NAME}
        />
        <TextField
          name="email"
          type="email"
          label={text("sign_in_email")}
          hint={text("setup_email_hint")}
          autocomplete="username"
          value={values.email}
          onChange={(email) => set("email", email)}
          maxLength={LONGEST_ADDRESS}
        />
        <TextField
          name="password"
          type="password"
          label={text("sign_in_password")}
          hint={text("setup_password_hint", { count: SHORTEST_PASSWORD })}
          autocomplete="new-password"
          value={values.password}
          onChange={(password) => set("password", password)}
          maxLength={LONGEST_PASSWORD}
        />
      </FormView>
    </>
  );
}

type Added = { readonly secret: string; readonly email: string };

/** The account is there already: its holder chooses a password. */
function PasswordForm({ secret, email }: Added) {
  const { api } = useOffice();
  const text = useText();
  const count = SHORTEST_PASSWORD;
  const form = useForm({
    initial: { password: "" },
    check: ({ password }) =>
      [...password].length < count ? { password: text("setup_password_short", { count }) } : {},
    send: ({ password }) => api.setUp({ secret, school: "", name: "", email, password }),
    done: () => location.assign("/office"),
  });
  const { values, set } = form;
  return (
    <>
      <p>{text("setup_added_text", { email })}</p>
      <FormView form={form} action={text("setup_added_action")}>
        <TextField
          name="password"
          type="password"
          label={text("sign_in_password")}
          hint={text("setup_password_hint", { count })}
          autocomplete="new-password"
          value={values.password}
          onChange={(password) => set("password", password)}
          maxLength={LONGEST_PASSWORD}
        />
      </FormView>
    </>
  );
}

export function problemsOf(values: Setup, text: Text): Problems<Setup> {
  const { school, name, email, password } = values;
  const count = SHORTEST_PASSWORD;
  return {
    ...(school.trim() === "" ? { school: text("setup_school_missing") } : {}),
    ...(name.trim() === "" ? { name: text("setup_name_missing") } : {}),
    ...(email.includes("@") ? {} : { email: text("email_missing") }),
    ...([...password].length < count ? { password: text("setup_password_short", { count }) } : {}),
  };
}
