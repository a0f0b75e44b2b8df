// The students, and their contacts.

import { useSignal } from "@preact/signals";
import { useNavigation } from "../navigation";
import { Checkboxes, SelectField } from "../parts/choices";
import { emailProblem } from "../parts/email";
import { FormView, useForm } from "../parts/form";
import { GoTo } from "../parts/go-to";
import { Loaded, useResource } from "../parts/resource";
import { Table } from "../parts/table";
import { TextField } from "../parts/text-field";
import { useText } from "../text/context";
import type { TextKey } from "../text/text";
import type {
  Class,
  Student,
  StudentContact,
  StudentDraft,
  StudentLists,
  StudentSearch,
  Students,
} from "../wire/messages";
import { Delete } from "./delete";
import { HasLeft } from "./has-left";
import { differences, MeanwhileNote, of, useMeanwhile } from "./meanwhile";
import { useOffice } from "./office";
import { OfficePage } from "./office-page";
import { Pager, usePaging } from "./paging";
import { Search } from "./search";
import { TheirData } from "./their-data";

export function StudentsPage() {
  const { api } = useOffice();
  const text = useText();
  const search = useSignal("");
  const paging = usePaging();
  /** `homeroom 8B`, `class 17`, `year 8`; empty for everybody. */
  const list = useSignal("");
  const students = useResource(
    () => api.students(search.value, paging.after, amongOf(list.value)),
    [search.value, paging.after, list.value],
  );
  const lists = useResource(() => api.studentLists(), []);
  return (
    <OfficePage name="students" heading={text("office_students")}>
      <div class="actions">
        <GoTo to="import" class="button primary">
          {text("import_title")}
        </GoTo>
        <GoTo to="import/inviting" class="button secondary">
          {text("import_inviting")}
        </GoTo>
        <GoTo to="students/new" class="button secondary">
          {text("student_new")}
        </GoTo>
        <GoTo to="alike" class="button secondary">
          {text("alike_title")}
        </GoTo>
      </div>
      <Search
        label={text("students_search")}
        onSearch={(words) => {
          search.value = words;
          paging.begin();
        }}
      />
      {lists.value !== null && (
        <Lists
          lists={lists.value}
          chosen={list.value}
          onChoose={(chosen) => {
            list.value = chosen;
            paging.begin();
          }}
        />
      )}
      <Loaded of={students}>
        {(page) => (
          <>
            <Others others={page.others} />
            <List page={page} searched={search.value !== "" || list.value !== ""} />
            <Pager paging={paging} next={page.next} less="students_less" more="students_more" />
          </>
        )}
      </Loaded>
    </OfficePage>
  );
}

/** What of a search is said by the list that was chosen. */
function amongOf(list: string): Pick<StudentSearch, "homeroom" | "class" | "year"> {
  const [kind, ...rest] = list.split(" ");
  const name = rest.join(" ");
  switch (kind) {
    case "homeroom":
      return { homeroom: name };
    case "class":
      return { class: name };
    case "year":
      return { year: name };
    default:
      return {};
  }
}

type ListsProps = {
  readonly lists: StudentLists;
  readonly chosen: string;
  readonly onChoose: (chosen: string) => void;
};

/** Students by year, by homeroom, or by class (DIR-6). */
function Lists({ lists: { homerooms, classes, years }, chosen, onChoose }: ListsProps) {
  const text = useText();
  if (homerooms.length + classes.length + years.length === 0) {
    return null;
  }
  return (
    <SelectField
      form={{ values: { list: chosen }, set: (_, value) => onChoose(value) }}
      name="list"
      label={text("students_list")}
      choices={[
        { value: "", label: text("students_list_all") },
        ...years.map(({ name, students }) => ({
          value: `year ${name}`,
          label: text("students_list_year", { name, students }),
        })),
        ...homerooms.map(({ name, students }) => ({
          value: `homeroom ${name}`,
          label: text("students_list_homeroom", { name, students }),
        })),
        ...classes.map(({ id, name, students }) => ({
          value: `class ${id}`,
          label: text("students_list_class", { name, students }),
        })),
      ]}
    />
  );
}

/** Whoever else of the staff signs in has no page of their own, and stands in the list of all. */
const pageOfOther = (kind: "teacher" | "contact" | "staff", id: string) =>
  kind === "staff"
    ? "rooms/members"
    : `${kind === "teacher" ? "teachers" : "contacts"}/${encodeURIComponent(id)}`;

/** Who is found and is no student: staff, and parents who are nobody's. */
function Others({ others }: Pick<Students, "others">) {
  const text = useText();
  if (others.length === 0) {
    return null;
  }
  return (
    <section class="section" aria-labelledby="others">
      <h2 id="others">{text("students_others")}</h2>
      <ul>
        {others.map(
          ({ kind, id, name }) =>
            kind !== "unknown" && (
              <li key={`${kind} ${id}`}>
                <GoTo to={pageOfOther(kind, id)}>{name}</GoTo>{" "}
                <span class="tag">{text(`students_other_${kind}`)}</span>
              </li>
            ),
        )}
      </ul>
    </section>
  );
}

type ListProps = { readonly page: Students; readonly searched: boolean };

function List({ page: { students, others, total }, searched }: ListProps) {
  const text = useText();
  if (students.length === 0 && others.length > 0) {
    return null;
  }
  if (students.length === 0) {
    return <p>{text(searched ? "students_none_found" : "students_none")}</p>;
  }
  return (
    <Table
      caption={text("students_count", { count: total })}
      rows={students}
      keyOf={({ id }) => id}
      columns={[
        {
          heading: text("column_name"),
          names: true,
          cell: ({ id, name, left }) => (
            <>
              <GoTo to={`students/${encodeURIComponent(id)}`}>{name}</GoTo>
              {left !== undefined && (
                <>
                  {" "}
                  <span class="tag">{text("has_left_tag")}</span>
                </>
              )}
            </>
          ),
        },
        { heading: text("student_year"), cell: ({ year }) => year },
        { heading: text("student_homeroom"), cell: ({ homeroom }) => homeroom },
        { heading: text("office_classes"), cell: ({ classes }) => classes.length },
        {
          heading: text("student_contacts"),
          cell: ({ contacts }) => contacts.map(({ name }) => name).join(", "),
        },
      ]}
    />
  );
}

export function StudentPage({ id }: { readonly id: string | null }) {
  const { api } = useOffice();
  const text = useText();
  const given = useResource(async () => {
    const [classes, student] = await Promise.all([
      api.classes(),
      id === null ? null : api.student(id),
    ]);
    if (classes.type !== "given") {
      return classes;
    }
    if (student !== null && student.type !== "given") {
      return student;
    }
    const body = { classes: classes.body.classes, student: student?.body };
    return { type: "given" as const, body };
  }, [id]);
  return (
    <OfficePage
      name="student"
      heading={given.value?.student?.name ?? text("student_new")}
      back={{ to: "students", label: text("office_students") }}
    >
      <Loaded of={given}>
        {({ classes, student }) => (
          <>
            {student?.left !== undefined && (
              <HasLeft
                at={student.left}
                name={student.name}
                back={() => api.studentBack(student.id)}
                said="student_back"
                here={`students/${encodeURIComponent(student.id)}`}
                reload={given.reload}
              />
            )}
            {student?.records_name !== undefined && (
              <p>{text("records_name", { name: student.records_name })}</p>
            )}
            {student?.refused_names?.map(({ name, by }) => (
              <p key={`${by} ${name}`}>{text("refused_name_by", { name, by })}</p>
            ))}
            {student !== undefined && (
              <Contacts student={student} set={(now) => given.set({ classes, student: now })} />
            )}
            <StudentForm id={id} student={student} classes={classes} />
            {student !== undefined && (
              <>
                <TheirData of="students" id={student.id} />
                <Delete
                  name={student.name}
                  work={() => api.eraseStudent(student.id)}
                  afterwards="students"
                  erases
                  action={text("student_erase")}
                  warning={text("student_erase_text")}
                />
              </>
            )}
          </>
        )}
      </Loaded>
    </OfficePage>
  );
}

type ContactsProps = {
  readonly student: Student;
  readonly set: (student: Student) => void;
};

function Contacts({ student, set }: ContactsProps) {
  const text = useText();
  const at = `students/${encodeURIComponent(student.id)}`;
  return (
    <section class="section" aria-labelledby="contacts">
      <h2 id="contacts">{text("student_contacts")}</h2>
      {student.contacts.length === 0 ? (
        <p>{text("student_no_contacts")}</p>
      ) : (
        <ul class="list">
          {student.contacts.map((contact) => (
            <ContactItem key={contact.id} contact={contact} student={student.id} />
          ))}
        </ul>
      )}
      {student.contacts.length === 0 && student.left === undefined && (
        <InviteParent student={student} set={set} />
      )}
      <p>
        <GoTo to={`${at}/contacts/new`} class="button secondary">
          {text("contact_new")}
        </GoTo>
      </p>
    </section>
  );
}

/** Where no parent is known: one is entered, and asked for their details by e-mail (DIR-6). */
function InviteParent({ student, set }: ContactsProps) {
  const { api } = useOffice();
  const text = useText();
  const { replace } = useNavigation();
  const form = useForm({
    initial: { name: "", email: "" },
    check: ({ name, email }) => ({
      ...emailProblem(email, text),
      ...(name.trim() === "" ? { name: text("name_missing") } : {}),
    }),
    send: ({ name, email }) =>
      api.inviteParent(student.id, { name: name.trim(), email: email.trim() }),
    done: (now: Student, { name }) => {
      set(now);
      const said = text(saidOf(now.contacts), { name: name.trim(), student: now.name });
      replace(`students/${encodeURIComponent(student.id)}`, said);
    },
  });
  return (
    <>
      <p>{text("student_invite_text")}</p>
      <FormView form={form} action={text("student_invite_send")}>
        <TextField form={form} name="email" type="email" label={text("student_invite_email")} />
        <TextField form={form} name="name" label={text("student_invite_name")} />
      </FormView>
    </>
  );
}

/** What became of it: whoever has an account is sent no invitation. */
function saidOf(contacts: readonly StudentContact[]): TextKey {
  if (contacts.some((it) => it.waits)) {
    return "student_invite_waits";
  }
  const isRegistered = contacts.some((it) => it.registered === true);
  return isRegistered ? "student_invite_registered" : "student_invite_sent";
}

type ItemProps = { readonly contact: StudentContact; readonly student: string };

function ContactItem({ contact, student }: ItemProps) {
  const text = useText();
  const { id, name, email, court_order: order, waits, registered } = contact;
  return (
    <li>
      <h3>
        <GoTo to={`contacts/${encodeURIComponent(id)}/of/${encodeURIComponent(student)}`}>
          {name}
        </GoTo>
      </h3>
      <p>
        {email}{" "}
        {registered === true && <span class="tag good">{text("registrations_registered")}</span>}
      </p>
      {order && (
        <p>
          <span class="tag bad">{text("contact_court_order")}</span>
        </p>
      )}
      {waits && (
        <p>
          <span class="tag bad">{text("contact_waits")}</span>
        </p>
      )}
    </li>
  );
}

type FormProps = {
  readonly id: string | null;
  readonly student: Student | undefined;
  readonly classes: readonly Class[];
};

type Values = Omit<StudentDraft, "classes" | "version" | "year"> & {
  readonly year: string;
  readonly classes: readonly string[];
};

function StudentForm({ id, student, classes }: FormProps) {
  const { api } = useOffice();
  const text = useText();
  const { go } = useNavigation();
  const { meanwhile, save } = useMeanwhile();
  const namesOf = (ids: readonly string[]) =>
    classes
      .filter((one) => ids.includes(one.id))
      .map(({ name }) => name)
      .join(", ");
  const form = useForm<Values, Student>({
    initial: {
      name: student?.name ?? "",
      year: student?.year ?? "",
      homeroom: student?.homeroom ?? "",
      classes: student?.classes ?? [],
    },
    check: ({ name }) => (name.trim() === "" ? { name: text("name_missing") } : {}),
    send: ({ name, year, homeroom, classes: chosen }) => {
      const draft = {
        name: name.trim(),
        year: year.trim(),
        homeroom: homeroom.trim(),
        classes: [...chosen],
      };
      return student === undefined
        ? api.saveStudent(id, draft)
        : save({
            version: student.version,
            save: (version) => api.saveStudent(id, { ...draft, ...of(version) }),
            load: () => api.student(student.id),
            compare: (now) => ({
              changed: differences(text, [
                ["column_name", student.name, now.name],
                ["student_year", student.year, now.year],
                ["student_homeroom", student.homeroom, now.homeroom],
                ["office_classes", namesOf(student.classes), namesOf(now.classes)],
              ]),
              version: now.version,
            }),
          });
    },
    done: (saved) =>
      go(`students/${encodeURIComponent(saved.id)}`, text("saved", { name: saved.name })),
  });
  const { values, set } = form;
  return (
    <FormView form={form} action={text("save")}>
      <MeanwhileNote meanwhile={meanwhile.value} />
      <TextField form={form} name="name" label={text("column_name")} />
      <TextField
        form={form}
        name="year"
        label={text("student_year")}
        hint={text("optional")}
        size={12}
      />
      <TextField
        form={form}
        name="homeroom"
        label={text("student_homeroom")}
        hint={text("optional")}
        size={12}
      />
      {classes.length > 0 && (
        <Checkboxes
          name="classes"
          legend={text("office_classes")}
          choices={classes.map(({ id: value, name, subject }) => ({
            value,
            label: name,
            hint: subject,
          }))}
          chosen={values.classes}
          onChange={(chosen) => set("classes", chosen)}
        />
      )}
    </FormView>
  );
}
