// A parent, guardian or other contact: details, a court order, and erasure.

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { useNavigation } from "../navigation";
import { useAct } from "../parts/act";
import { Confirm } from "../parts/confirm";
import { BusyButton, FormView, type Problems, useForm } from "../parts/form";
import { nameOf } from "../parts/language-choice";
import { Loaded, useResource } from "../parts/resource";
import { TextField } from "../parts/text-field";
import { useText } from "../text/context";
import type { Text } from "../text/text";
import type { ContactPerson, MayBe, SaidDetails } from "../wire/messages";
import { ContactStudents } from "./contact-students";
import { Delete } from "./delete";
import { Trouble } from "./evening";
import { HasLeft } from "./has-left";
import { differences, MeanwhileNote, of, useMeanwhile } from "./meanwhile";
import { useOffice } from "./office";
import { OfficePage } from "./office-page";
import { TheirData } from "./their-data";

export function NewContactPage({ student }: { readonly student: string }) {
  const text = useText();
  return (
    <OfficePage
      name="contact-new"
      heading={text("contact_new")}
      back={{ to: `students/${encodeURIComponent(student)}`, label: text("back") }}
    >
      <ContactForm contact={null} student={student} />
    </OfficePage>
  );
}

/** The page that a contact's is reached from: a student's, or a search where there is none. */
const behind = (student: string) =>
  student === "" ? "students" : `students/${encodeURIComponent(student)}`;

const pageOf = (id: string, student: string) => {
  const page = `contacts/${encodeURIComponent(id)}`;
  return student === "" ? page : `${page}/of/${encodeURIComponent(student)}`;
};

/** `student` is that from whose page they are reached; empty where it is none's. */
type PageProps = { readonly id: string; readonly student: string };

export function ContactPage({ id, student }: PageProps) {
  const { api } = useOffice();
  const text = useText();
  const contact = useResource(() => api.contact(id), [id]);
  const back = behind(student);
  const here = pageOf(id, student);
  return (
    <OfficePage
      name="contact"
      heading={contact.value?.name ?? text("contact_title")}
      back={{ to: back, label: text("back") }}
    >
      <Loaded of={contact}>
        {(given) => (
          <>
            {given.left !== undefined && (
              <HasLeft
                at={given.left}
                name={given.name}
                back={() => api.contactBack(given.id)}
                said="has_left_undone"
                here={here}
                reload={contact.reload}
              />
            )}
            {given.may_be !== undefined && (
              <MayBeBarred contact={given} barred={given.may_be} here={here} set={contact.set} />
            )}
            {given.records_name !== undefined && (
              <p>{text("records_name", { name: given.records_name })}</p>
            )}
            {given.refused_name !== undefined && (
              <p>{text("refused_name", { name: given.refused_name })}</p>
            )}
            {given.records_email !== undefined && (
              <p>{text("contact_records_email", { email: given.records_email })}</p>
            )}
            {given.telephone !== "" && (
              <p>{text("contact_telephone", { telephone: given.telephone })}</p>
            )}
            {given.details !== undefined && <Said details={given.details} />}
            <ContactForm contact={given} student={student} />
            <ContactStudents contact={given} here={here} set={contact.set} />
            <CourtOrder contact={given} student={student} set={contact.set} />
            <TheirData of="contacts" id={given.id} />
            <Delete
              name={given.name}
              work={() => api.eraseContact(given.id)}
              afterwards={back}
              erases
              action={text("contact_erase")}
              warning={text("contact_erase_text")}
            />
          </>
        )}
      </Loaded>
    </OfficePage>
  );
}

/** What they have said of themselves, as far as they share it with the school (DIR-8). */
function Said({ details: { telephone, language, lives_with } }: { readonly details: SaidDetails }) {
  const text = useText();
  return (
    <section class="section" aria-labelledby="said">
      <h2 id="said">{text("contact_said")}</h2>
      <ul class="points">
        {telephone !== "" && <li>{text("contact_said_telephone", { telephone })}</li>}
        {language !== "" && (
          <li>{text("contact_said_language", { language: nameOf(language) })}</li>
        )}
        <li>{text("contact_said_lives_with", { count: lives_with.length })}</li>
      </ul>
    </section>
  );
}

type Values = { readonly name: string; readonly email: string; readonly mobile: string };

type FormProps = { readonly contact: ContactPerson | null; readonly student: string };

function ContactForm({ contact, student }: FormProps) {
  const { api } = useOffice();
  const text = useText();
  const { go } = useNavigation();
  const { meanwhile, save } = useMeanwhile();
  // Whose guardian they are is changed below, perhaps in another window: it stays as it is.
  const students = useRef(contact?.students ?? [student]);
  useEffect(() => {
    students.current = contact?.students ?? [student];
  }, [contact]);
  const form = useForm<Values, ContactPerson>({
    initial: {
      name: contact?.name ?? "",
      email: contact?.email ?? "",
      mobile: contact?.mobile ?? "",
    },
    check: (values) => problemsOf(values, text),
    send: ({ name, email, mobile }) => {
      const draft = { name: name.trim(), email: email.trim(), mobile: mobile.trim() };
      return contact === null
        ? api.saveContact(null, { ...draft, students: [student] })
        : save({
            version: contact.version,
            save: (version) =>
              api.saveContact(contact.id, {
                ...draft,
                students: students.current,
                ...of(version),
              }),
            load: () => api.contact(contact.id),
            compare: (now) => {
              const isSame = String(students.current) === String(now.students);
              students.current = now.students;
              return {
                changed: [
                  ...differences(text, [
                    ["column_name", contact.name, now.name],
                    ["column_email", contact.email, now.email],
                    ["contact_mobile", contact.mobile ?? "", now.mobile ?? ""],
                  ]),
                  ...(isSame ? [] : [text("office_students")]),
                ],
                version: now.version,
              };
            },
          });
    },
    done: ({ name }) => go(behind(student), text("saved", { name })),
  });
  return (
    <FormView form={form} action={text("save")}>
      <MeanwhileNote meanwhile={meanwhile.value} />
      <TextField form={form} name="name" label={text("column_name")} />
      <TextField
        form={form}
        name="email"
        type="email"
        label={text("column_email")}
        hint={text("contact_email_hint")}
      />
      <TextField
        form={form}
        name="mobile"
        type="tel"
        label={text("contact_mobile")}
        hint={text("contact_mobile_hint")}
      />
    </FormView>
  );
}

function problemsOf({ name }: Values, text: Text): Problems<Values> {
  return {
    ...(name.trim() === "" ? { name: text("name_missing") } : {}),
  };
}

type MayBeProps = {
  readonly contact: ContactPerson;
  readonly barred: MayBe;
  readonly here: string;
  readonly set: (contact: ContactPerson) => void;
};

/** The office says whether two records are one person (DIR-13). */
function MayBeBarred({ contact: { id, name }, barred, here, set }: MayBeProps) {
  const { api } = useOffice();
  const text = useText();
  const { replace } = useNavigation();
  const same = useAct(() => api.setCourtOrder(id, true));
  const other = useAct(() => api.tellApart(id, barred.contact));
  return (
    <section class="section" aria-labelledby="may-be">
      <h2 id="may-be">{text("contact_may_be", { contact: barred.name })}</h2>
      <p>{text("contact_may_be_text", { contact: barred.name, name })}</p>
      <div class="actions">
        <BusyButton
          kind="primary"
          busy={same.busy}
          describedBy="may-be"
          onPress={() =>
            void same.run(({ contact, links_ended: ended }) => {
              set(contact);
              replace(here, text("order_entered", { name, ended }));
            })
          }
        >
          {text("contact_is_barred")}
        </BusyButton>
        <BusyButton
          kind="secondary"
          busy={other.busy}
          describedBy="may-be"
          onPress={() =>
            void other.run((contact) => {
              set(contact);
              replace(here, text("contact_told_apart", { name }));
            })
          }
        >
          {text("contact_is_other")}
        </BusyButton>
      </div>
      <Trouble problem={same.problem ?? other.problem} />
    </section>
  );
}

type OrderProps = {
  readonly contact: ContactPerson;
  readonly student: string;
  readonly set: (contact: ContactPerson) => void;
};

/** It ends their links and sessions at once, so it is asked about (DIR-4). */
function CourtOrder({ contact: { id, name, court_order: active }, student, set }: OrderProps) {
  const { api } = useOffice();
  const text = useText();
  const { replace } = useNavigation();
  const asking = useSignal(false);
  const act = useAct(() => api.setCourtOrder(id, !active));
  const close = () => {
    asking.value = false;
  };
  const here = pageOf(id, student);
  return (
    <section class="section" aria-labelledby="order">
      <h2 id="order">{text("contact_court_order")}</h2>
      <p>{active ? <span class="tag bad">{text("order_active")}</span> : text("order_none")}</p>
      <button
        type="button"
        class="secondary"
        onClick={() => {
          asking.value = true;
        }}
      >
        {text(active ? "order_lift" : "order_enter")}
      </button>
      {asking.value && (
        <Confirm
          title={text(active ? "order_lift_title" : "order_enter_title", { name })}
          action={text(active ? "order_lift" : "order_enter")}
          busy={act.busy}
          problem={act.problem}
          onClose={close}
          onConfirm={() =>
            void act.run(({ contact, links_ended: ended }) => {
              close();
              set(contact);
              replace(
                here,
                active ? text("order_lifted", { name }) : text("order_entered", { name, ended }),
              );
            })
          }
        >
          <p>{text(active ? "order_lift_text" : "order_enter_text")}</p>
        </Confirm>
      )}
    </section>
  );
}
