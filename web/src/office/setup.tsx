// The one-time link that the program printed: the school and its first administrator, or the password
// of somebody who was added.

import { useEffect, useMemo } from "preact/hooks";
import { secretIn } from "../http/links";
import { emailProblem } from "../parts/email";
import { FormView, type Problems, useForm } from "../parts/form";
import { NewPasswordField, passwordProblem } from "../parts/new-password";
import { Page } from "../parts/page";
import { Loaded, useResource } from "../parts/resource";
import { CodeField, fieldOfStep } from "../parts/second-step";
import { TextField } from "../parts/text-field";
import { useText } from "../text/context";
import type { Text } from "../text/text";
import { useOffice } from "./office";
import { SchoolFields, type SchoolValues, schoolProblems } from "./school-fields";

export function SetupPage() {
  const { api } = useOffice();
  const text = useText();
  const secret = useMemo(() => secretIn(location), []);
  useEffect(() => {
    // Another link pasted over this one is another page.
    addEventListener("hashchange", () => location.reload());
  }, []);
  const checked = useResource(() => api.checkSetup(secret), [secret]);
  const { trouble } = checked;
  const dead = trouble !== null && trouble !== "unreachable" && trouble.code === "set_up_done";
  const isOnesOwn = checked.value?.email !== undefined;
  const heading = dead ? "setup_dead_title" : isOnesOwn ? "choose_password_title" : "setup_title";
  return (
    <Page state="setup" heading={text(heading)}>
      {dead ? (
        <>
          <p>{text("setup_dead_text")}</p>
          <p>{text("setup_dead_first")}</p>
          <p>
            <a href="/office">{text("sign_in_title")}</a>
          </p>
        </>
      ) : (
        <Loaded of={checked}>
          {({ email, second_factor: hasSecond = false }) =>
            email === undefined ? (
              <SetupForm secret={secret} />
            ) : (
              <PasswordForm secret={secret} email={email} hasSecond={hasSecond} />
            )
          }
        </Loaded>
      )}
    </Page>
  );
}

type Setup = SchoolValues & {
  readonly name: string;
  readonly email: string;
  readonly password: string;
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
  return (
    <>
      <p>{text("setup_text")}</p>
      <FormView form={form} action={text("setup_action")}>
        <SchoolFields form={form} />
        <TextField form={form} name="name" label={text("setup_name")} autocomplete="name" />
        <TextField
          form={form}
          name="email"
          type="email"
          label={text("sign_in_email")}
          hint={text("setup_email_hint")}
          autocomplete="username"
        />
        <NewPasswordField form={form} />
      </FormView>
    </>
  );
}

type Added = {
  readonly secret: string;
  readonly email: string;
  /** Whether a code is asked for as well. */
  readonly hasSecond: boolean;
};

/** The account is there already: its holder chooses a password. */
function PasswordForm({ secret, email, hasSecond }: Added) {
  const { api } = useOffice();
  const text = useText();
  const form = useForm({
    initial: { password: "", code: "" },
    check: (values) => ({
      ...passwordProblem(values, text),
      ...(hasSecond && values.code.trim() === "" ? { code: text("second_step_missing") } : {}),
    }),
    send: ({ password, code }) => {
      const own = hasSecond ? { code: code.trim() } : {};
      return api.setUp({ secret, school: "", name: "", email, password, ...own });
    },
    done: ({ office }) => location.assign(office ? "/office" : "/staff"),
    fieldOf: fieldOfStep,
  });
  return (
    <>
      <p>{text("setup_added_text", { email })}</p>
      <FormView form={form} action={text("setup_added_action")}>
        <NewPasswordField form={form} />
        {hasSecond && <CodeField form={form} hint={text("second_step_hint")} />}
      </FormView>
    </>
  );
}

function problemsOf(values: Setup, text: Text): Problems<Setup> {
  return {
    ...schoolProblems(values, text),
    ...(values.name.trim() === "" ? { name: text("setup_name_missing") } : {}),
    ...emailProblem(values.email, text),
    ...passwordProblem(values, text),
  };
}
