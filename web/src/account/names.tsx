// Names that the school's records have otherwise than somebody with an account says: their own, and those
// of their students. The school decides (DIR-9).

import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { useAct } from "../parts/act";
import { FormView, useForm } from "../parts/form";
import { TextField } from "../parts/text-field";
import { useText } from "../text/context";
import type { AccountPerson, NameDraft, NameStanding, SaidName } from "../wire/messages";
import { useAccount } from "./account";

/** A name, and what they have said of it. */
type Named = {
  readonly name: string;
  readonly said: SaidName | undefined;
  /** Whose it is, where it is a student's. */
  readonly student?: string;
};

const namesOf = ({ name, said_name, students }: AccountPerson): readonly Named[] => [
  { name, said: said_name },
  ...students.map((it) => ({ name: it.name, said: it.said_name, student: it.id })),
];

const draftOf = ({ student }: Named, name: string): NameDraft =>
  student === undefined ? { name } : { name, student };

const STANDINGS = {
  waits: "account_name_waits",
  accepted: "account_name_accepted",
  kept: "account_name_kept",
  unknown: "account_name_waits",
} as const satisfies Record<NameStanding, string>;

type Props = { readonly person: AccountPerson; readonly reload: () => Promise<void> };

export function Names({ person, reload }: Props) {
  const text = useText();
  const summary = useRef<HTMLElement>(null);
  const status = useSignal("");
  const names = namesOf(person);
  const again = async (says: string) => {
    await reload();
    status.value = says;
    summary.current?.focus();
  };
  return (
    <>
      {names.map((one) => {
        const { name, said, student = "" } = one;
        return (
          said !== undefined && (
            <Standing
              key={student}
              name={name}
              said={said}
              withdraw={draftOf(one, said.name)}
              contact={person.id}
              again={again}
            />
          )
        );
      })}
      <details>
        <summary ref={summary}>{text("account_names")}</summary>
        <p>{text("account_names_text")}</p>
        {names.map((one) => (
          <NameForm
            key={`${one.student ?? ""} ${one.name} ${one.said?.name ?? ""}`}
            one={one}
            contact={person.id}
            again={again}
          />
        ))}
      </details>
      <p role="status">{status.value}</p>
    </>
  );
}

type Again = (says: string) => Promise<void>;

type StandingProps = {
  readonly name: string;
  readonly said: SaidName;
  readonly withdraw: NameDraft;
  readonly contact: string;
  readonly again: Again;
};

/** What became of a name that they have said. */
function Standing({ name, said, withdraw, contact, again }: StandingProps) {
  const { api } = useAccount();
  const text = useText();
  const act = useAct<{ readonly isLate: boolean }>(async () => {
    const answer = await api.withdrawName(contact, withdraw);
    // The school was faster: there is nothing to take back, and what it decided is read here.
    const isLate = answer.type === "refused" && answer.problem.code === "changed_meanwhile";
    return isLate || answer.type === "given" ? { type: "given", body: { isLate } } : answer;
  });
  const { standing, word } = said;
  return (
    <div class="note">
      <p>{text(STANDINGS[standing], { name, said: said.name })}</p>
      {word !== "" && <p class="said">{word}</p>}
      {standing === "waits" && (
        <button
          type="button"
          class="link"
          aria-disabled={act.busy}
          onClick={() =>
            void act.run(({ isLate }) =>
              again(text(isLate ? "account_name_decided" : "account_name_withdrawn", { name })),
            )
          }
        >
          {text("account_name_withdraw", { said: said.name })}
        </button>
      )}
      {act.problem !== null && (
        <p class="problem" role="alert">
          {act.problem}
        </p>
      )}
    </div>
  );
}

type FormProps = { readonly one: Named; readonly contact: string; readonly again: Again };

function NameForm({ one, contact, again }: FormProps) {
  const { api } = useAccount();
  const text = useText();
  const { name, said, student } = one;
  const form = useForm({
    initial: { name: said?.standing === "waits" ? said.name : name },
    check: (typed) => (typed.name.trim() === "" ? { name: text("field_name_missing") } : {}),
    send: (typed) => api.sayName(contact, draftOf(one, typed.name.trim())),
    done: (_, typed) => {
      const isBack = typed.name.trim() === name;
      return again(text(isBack ? "account_name_withdrawn" : "account_name_sent", { name }));
    },
  });
  return (
    <div class="section">
      <FormView form={form} action={text("account_name_send", { name })}>
        <TextField
          form={form}
          name="name"
          label={
            student === undefined ? text("account_name_own") : text("account_name_of", { name })
          }
        />
      </FormView>
    </div>
  );
}
