// Other parents of a student, whom a parent names (DIR-6): they are invited, or the school is asked.

import { useSignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { Answer } from "../http/ask";
import { SelectField } from "../parts/choices";
import { emailProblem } from "../parts/email";
import { FormView, useForm } from "../parts/form";
import { TextField } from "../parts/text-field";
import { useText } from "../text/context";
import type { TextKey } from "../text/text";
import type { NamedParent, NamedState, NameParent, ParentNamed } from "../wire/messages";

type Student = { readonly id: string; readonly name: string };

type Props = {
  /** What its heading stands under. */
  readonly heading: "h2" | "h3";
  readonly students: readonly Student[];
  readonly named: readonly NamedParent[];
  /** Whether the school lets parents name others. */
  readonly mayName: boolean;
  readonly send: (request: NameParent) => Promise<Answer<ParentNamed>>;
  /** What was named is in the list from now on. */
  readonly reload: () => Promise<void>;
};

export function OtherParents({ heading: Heading, students, named, mayName, send, reload }: Props) {
  const text = useText();
  const adding = useSignal(false);
  const said = useSignal("");
  const button = useRef<HTMLButtonElement>(null);
  const close = () => {
    adding.value = false;
    setTimeout(() => button.current?.focus());
  };
  if (named.length === 0 && !mayName) {
    return null;
  }
  return (
    <section class="section" aria-label={text("parents_title")}>
      <Heading>{text("parents_title")}</Heading>
      {named.length > 0 && (
        <ul class="points">
          {named.map(({ name, student, state, reason }, at) => (
            // Two of one name may be named, and one twice, once declined; they stay in their order.
            <li key={at}>
              {name}, {student} <span class="tag">{text(STATES[state])}</span>
              {reason !== "" && <p class="hint">{reason}</p>}
            </li>
          ))}
        </ul>
      )}
      <p role="status">{said.value}</p>
      {mayName && !adding.value && (
        <button
          ref={button}
          type="button"
          class="secondary"
          onClick={() => {
            adding.value = true;
            said.value = "";
          }}
        >
          {text("parents_add")}
        </button>
      )}
      {adding.value && (
        <NameForm
          students={students}
          send={send}
          done={async ({ state }, name) => {
            await reload();
            close();
            said.value = state === "sent" ? text("parents_sent", { name }) : text(WAITS);
          }}
          cancel={close}
        />
      )}
    </section>
  );
}

const WAITS = "invite_needs_approval";

const STATES: Readonly<Record<NamedState, TextKey>> = {
  waits: "parents_waits",
  sent: "parents_invited",
  declined: "parents_declined",
  unknown: "parents_waits",
};

type FormProps = {
  readonly students: readonly Student[];
  readonly send: (request: NameParent) => Promise<Answer<ParentNamed>>;
  readonly done: (named: ParentNamed, name: string) => Promise<void>;
  readonly cancel: () => void;
};

function NameForm({ students, send, done, cancel }: FormProps) {
  const text = useText();
  const top = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => top.current?.querySelector<HTMLElement>("select, input")?.focus(), []);
  const form = useForm({
    initial: { student: students[0]?.id ?? "", name: "", email: "" },
    check: ({ name, email }) => ({
      ...(name.trim() === "" ? { name: text("invite_name_missing") } : {}),
      ...emailProblem(email, text),
    }),
    send: ({ student, name, email }) => send({ student, name: name.trim(), email: email.trim() }),
    done: (named: ParentNamed, { name }) => done(named, name.trim()),
  });
  return (
    <div ref={top}>
      <FormView
        form={form}
        action={text("parents_send")}
        beside={
          <button type="button" class="link" onClick={cancel}>
            {text("join_cancel")}
          </button>
        }
      >
        <p>{text("parents_text")}</p>
        {students.length > 1 && (
          <SelectField
            form={form}
            name="student"
            label={text("parents_student")}
            choices={students.map(({ id, name }) => ({ value: id, label: name }))}
          />
        )}
        <TextField form={form} name="name" label={text("invite_name")} />
        <TextField form={form} name="email" type="email" label={text("invite_email")} />
      </FormView>
    </div>
  );
}
