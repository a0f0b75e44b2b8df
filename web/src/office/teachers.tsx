// The teachers.

import { useNavigation } from "../navigation";
import { Email } from "../parts/email";
import { FormView, useForm } from "../parts/form";
import { GoTo } from "../parts/go-to";
import { Loaded, useResource } from "../parts/resource";
import { Table } from "../parts/table";
import { TextField } from "../parts/text-field";
import { useText } from "../text/context";
import type { Teacher } from "../wire/messages";
import { Delete } from "./delete";
import { useOffice } from "./office";
import { OfficePage } from "./office-page";

export function TeachersPage() {
  const { api } = useOffice();
  const text = useText();
  const teachers = useResource(() => api.teachers(), [api]);
  return (
    <OfficePage name="teachers" heading={text("office_teachers")}>
      <p>
        <GoTo to="teachers/new" class="button primary">
          {text("teacher_new")}
        </GoTo>
      </p>
      <Loaded of={teachers}>
        {({ teachers: rows }) =>
          rows.length === 0 ? (
            <p>{text("teachers_none")}</p>
          ) : (
            <Table
              caption={text("teachers_count", { count: rows.length })}
              rows={rows}
              keyOf={({ id }) => id}
              columns={[
                {
                  heading: text("column_name"),
                  names: true,
                  cell: ({ id, name }) => (
                    <GoTo to={`teachers/${encodeURIComponent(id)}`}>{name}</GoTo>
                  ),
                },
                {
                  heading: text("column_email"),
                  cell: ({ email }) =>
                    email === "" ? text("column_no_email") : <Email address={email} />,
                },
              ]}
            />
          )
        }
      </Loaded>
    </OfficePage>
  );
}

export function TeacherPage({ id }: { readonly id: string | null }) {
  const { api } = useOffice();
  const text = useText();
  const teachers = useResource(() => api.teachers(), [api]);
  return (
    <OfficePage
      name="teacher"
      heading={text(id === null ? "teacher_new" : "teacher_edit")}
      back={{ to: "teachers", label: text("office_teachers") }}
    >
      <Loaded of={teachers}>
        {({ teachers: all }) => (
          <TeacherForm id={id} teacher={all.find((teacher) => teacher.id === id)} />
        )}
      </Loaded>
    </OfficePage>
  );
}

type Props = { readonly id: string | null; readonly teacher: Teacher | undefined };

function TeacherForm({ id, teacher }: Props) {
  const { api } = useOffice();
  const text = useText();
  const { go } = useNavigation();
  const form = useForm({
    initial: { name: teacher?.name ?? "", email: teacher?.email ?? "" },
    check: ({ name }) => (name.trim() === "" ? { name: text("name_missing") } : {}),
    send: ({ name, email }) => api.saveTeacher(id, { name: name.trim(), email: email.trim() }),
    done: ({ name }) => go("teachers", text("saved", { name })),
    fieldOf: (code) => (code === "email_taken" ? "email" : undefined),
  });
  const { values, set } = form;
  return (
    <>
      <FormView form={form} action={text("save")}>
        <TextField
          name="name"
          label={text("column_name")}
          hint={text("teacher_name_hint")}
          value={values.name}
          onChange={(name) => set("name", name)}
          maxLength={100}
        />
        <TextField
          name="email"
          type="email"
          label={text("column_email")}
          hint={text("teacher_email_hint")}
          value={values.email}
          onChange={(email) => set("email", email)}
          maxLength={254}
        />
      </FormView>
      {teacher !== undefined && (
        <Delete
          name={teacher.name}
          work={() => api.deleteTeacher(teacher.id)}
          afterwards="teachers"
          action={text("delete_teacher")}
          warning={text("delete_teacher_text")}
        />
      )}
    </>
  );
}
