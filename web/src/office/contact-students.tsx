// Whose parent or guardian a contact is: siblings are linked to one contact, who gets one link.

import { useSignal } from "@preact/signals";
import { useNavigation } from "../navigation";
import { useAct } from "../parts/act";
import { Confirm } from "../parts/confirm";
import { BusyButton } from "../parts/form";
import { Loaded, useResource } from "../parts/resource";
import { useText } from "../text/context";
import type { ContactPerson, Student } from "../wire/messages";
import { Trouble } from "./evening";
import { useOffice } from "./office";
import { Search } from "./search";

type Props = {
  readonly contact: ContactPerson;
  readonly here: string;
  readonly set: (contact: ContactPerson) => void;
};

export function ContactStudents({ contact, here, set }: Props) {
  const { api } = useOffice();
  const text = useText();
  const searched = useSignal<string | null>(null);
  const linked = useResource(async () => {
    const answers = await Promise.all(contact.students.map((id) => api.student(id)));
    const failed = answers.find(({ type }) => type !== "given");
    const students = answers.flatMap((one) => (one.type === "given" ? [one.body] : []));
    return failed?.type === "unreachable" ? failed : { type: "given" as const, body: students };
  }, [contact.students.join()]);
  return (
    <section class="section" aria-labelledby="linked">
      <h2 id="linked">{text("office_students")}</h2>
      <Loaded of={linked}>
        {(students) => (
          <ul class="list">
            {students.map((student) => (
              <Linked key={student.id} student={student} contact={contact} here={here} set={set} />
            ))}
          </ul>
        )}
      </Loaded>
      <Search
        key={contact.students.join()}
        label={text("contact_find_student")}
        onSearch={(words) => {
          searched.value = words;
        }}
      />
      {searched.value !== null && (
        <Found
          key={searched.value}
          words={searched.value}
          contact={contact}
          here={here}
          set={(saved) => {
            searched.value = null;
            set(saved);
          }}
        />
      )}
    </section>
  );
}

type OneProps = Props & { readonly student: Student };

/** Taking somebody off cancels what they booked, so it is asked about. */
function Linked({ student, contact, here, set }: OneProps) {
  const { api } = useOffice();
  const text = useText();
  const { replace } = useNavigation();
  const asking = useSignal(false);
  const { id, name, email, students, version } = contact;
  const values = { name, student: student.name };
  const act = useAct(() =>
    api.saveContact(id, {
      name,
      email,
      students: students.filter((one) => one !== student.id),
      version,
    }),
  );
  const heading = `linked-${student.id}`;
  return (
    <li>
      <p id={heading}>
        {student.name} <span class="role">{student.homeroom}</span>
      </p>
      <div class="actions">
        <button
          type="button"
          class="secondary"
          aria-describedby={heading}
          onClick={() => {
            asking.value = true;
          }}
        >
          {text("contact_unlink")}
        </button>
      </div>
      {asking.value && (
        <Confirm
          title={text("contact_unlink_title", values)}
          action={text("contact_unlink")}
          busy={act.busy}
          problem={act.problem}
          onClose={() => {
            asking.value = false;
          }}
          onConfirm={() =>
            void act.run((saved) => {
              asking.value = false;
              set(saved);
              replace(here, text("contact_unlinked", values));
            })
          }
        >
          <p>{text("contact_unlink_text", values)}</p>
        </Confirm>
      )}
    </li>
  );
}

type FoundProps = Props & { readonly words: string };

function Found({ words, contact, here, set }: FoundProps) {
  const { api } = useOffice();
  const text = useText();
  const found = useResource(() => api.students(words, null), [words]);
  return (
    <Loaded of={found}>
      {({ students }) => {
        const others = students.filter(({ id }) => !contact.students.includes(id));
        return others.length === 0 ? (
          <p role="status">{text("students_none_found")}</p>
        ) : (
          <ul class="list">
            {others.map((student) => (
              <Other key={student.id} student={student} contact={contact} here={here} set={set} />
            ))}
          </ul>
        );
      }}
    </Loaded>
  );
}

function Other({ student, contact, here, set }: OneProps) {
  const { api } = useOffice();
  const text = useText();
  const { replace } = useNavigation();
  const { id, name, email, students, version } = contact;
  const act = useAct(() =>
    api.saveContact(id, { name, email, students: [...students, student.id], version }),
  );
  const heading = `other-${student.id}`;
  return (
    <li>
      <p id={heading}>
        {student.name} <span class="role">{student.homeroom}</span>
      </p>
      <div class="actions">
        <BusyButton
          kind="secondary"
          busy={act.busy}
          describedBy={heading}
          onPress={() =>
            void act.run((saved) => {
              set(saved);
              replace(here, text("contact_linked", { name, student: student.name }));
            })
          }
        >
          {text("contact_link")}
        </BusyButton>
      </div>
      <Trouble problem={act.problem} />
    </li>
  );
}
