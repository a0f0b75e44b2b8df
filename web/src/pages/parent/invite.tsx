// The invite form (INV-2, INV-3).

import { useSignal } from "@preact/signals";
import type { ParentApi } from "../../http/parent";
import { type News, useNavigation } from "../../navigation";
import { Checkboxes, Tick } from "../../parts/choices";
import { emailProblem } from "../../parts/email";
import { EveningCaption } from "../../parts/evening-caption";
import { FormView, type Problems, useForm } from "../../parts/form";
import { GoTo } from "../../parts/go-to";
import { LinkPage } from "../../parts/link-page";
import { TextField } from "../../parts/text-field";
import { useText } from "../../text/context";
import { type Text, textOf } from "../../text/text";
import type { StudentView, Wording } from "../../wire/messages";
import { isOff } from "./manage-invites";
import { useParent } from "./parent";

export function InvitePage() {
  const text = useText();
  const { view } = useParent();
  const waits = useSignal(false);
  const { sent, left } = view.invitations;
  const back = sent.length === 0 ? "" : "invites";
  if (waits.value) {
    return <NeedsApproval />;
  }
  return (
    <LinkPage name="invite" heading={text("invite_button")} back={back}>
      <EveningCaption evening={view.evening} />
      {isOff(view.evening) ? null : left.length === 0 ? (
        <p class="note">{text("invite_none_left")}</p>
      ) : (
        <>
          <p>{text("invite_text")}</p>
          <InviteForm
            students={view.students.filter(({ id }) => left.includes(id))}
            onWaits={() => {
              waits.value = true;
            }}
          />
        </>
      )}
    </LinkPage>
  );
}

/** And nothing more (DIR-4). */
function NeedsApproval() {
  const text = useText();
  return (
    <LinkPage name="needs-approval" heading={text("invite_needs_approval")}>
      <p>
        <GoTo to="">{text("bookings_title")}</GoTo>
      </p>
    </LinkPage>
  );
}

type Invite = {
  readonly name: string;
  readonly email: string;
  readonly students: readonly string[];
  readonly consent: boolean;
};

type Props = { readonly students: readonly StudentView[]; readonly onWaits: () => void };

function InviteForm({ students, onWaits }: Props) {
  const text = useText();
  const { go } = useNavigation();
  const { api, view, reload } = useParent();
  const { wording } = view.invitations;
  const several = view.students.length > 1;
  const form = useForm({
    initial: { name: "", email: "", students: [], consent: false } as Invite,
    check: (values) => problemsOf(values, several, text),
    send: async ({ name, email, students: chosen, consent }, attempt) => {
      const covered = several ? [...chosen] : students.map(({ id }) => id);
      const request: Parameters<ParentApi["invite"]>[0] = {
        attempt,
        name: name.trim(),
        email: email.trim(),
        consent,
        wording: wording.version,
        students: covered,
      };
      const answer = await api.invite(request);
      if (answer.type === "refused") {
        await reload();
      }
      return answer;
    },
    done: async (invited, { name }) => {
      await reload();
      if (invited.type === "needs_approval") {
        onWaits();
      } else {
        // Of what this page does not know, the list tells more.
        const said: News = ({ text }) => text("invite_sent", { name: name.trim() });
        go("invites", invited.type === "sent" ? said : undefined);
      }
    },
    fieldOf,
  });
  const { values, set } = form;
  return (
    <FormView form={form} action={text("invite_send")}>
      <TextField form={form} name="name" label={text("invite_name")} />
      <TextField
        form={form}
        name="email"
        type="email"
        label={text("invite_email")}
        hint={text("invite_email_hint")}
      />
      {several && (
        <Checkboxes
          name="students"
          legend={text("invite_students")}
          hint={text("invite_students_hint")}
          choices={view.students.map(({ id, name }) => ({
            value: id,
            label: name,
            disabled: !students.some((one) => one.id === id),
            hint: students.some((one) => one.id === id) ? undefined : text("invite_student_used"),
          }))}
          chosen={values.students}
          onChange={(chosen) => set("students", chosen)}
        />
      )}
      <Tick
        name="consent"
        label={consentTo(wording, text)}
        on={values.consent}
        onChange={(consent) => set("consent", consent)}
      />
    </FormView>
  );
}

/** What is consented to: in the reader's language, but for a version that this page does not know. */
export function consentTo({ version, text: words }: Wording, text: Text): string {
  return textOf(text, `invite_wording_${version}`) ?? words;
}

/** All three are required, and with several students at least one of them. */
export function problemsOf(values: Invite, several: boolean, text: Text): Problems<Invite> {
  return {
    ...(values.name.trim() === "" ? { name: text("invite_name_missing") } : {}),
    ...emailProblem(values.email, text),
    ...(several && values.students.length === 0
      ? { students: text("invite_students_missing") }
      : {}),
    ...(values.consent ? {} : { consent: text("invite_consent_missing") }),
  };
}

function fieldOf(code: string): keyof Invite | undefined {
  switch (code) {
    case "consent_missing":
    case "wording_outdated":
      return "consent";
    case "already_invited":
      return "students";
    default:
      return undefined;
  }
}
