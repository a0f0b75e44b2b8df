// The teachers.

import { useSignal } from "@preact/signals";
import { useEffect, useId, useRef } from "preact/hooks";
import { useNavigation } from "../navigation";
import { useAct } from "../parts/act";
import { Email } from "../parts/email";
import { FormView, useForm } from "../parts/form";
import { GoTo } from "../parts/go-to";
import { Loaded, useResource } from "../parts/resource";
import { Table } from "../parts/table";
import { TextField } from "../parts/text-field";
import { useText } from "../text/context";
import type { Teacher, Teachers } from "../wire/messages";
import { Delete } from "./delete";
import { Trouble } from "./evening";
import { FormerTeachers } from "./former-teachers";
import { differences, MeanwhileNote, of, oneOf, useMeanwhile } from "./meanwhile";
import { useOffice } from "./office";
import { OfficePage } from "./office-page";
import { TheirData } from "./their-data";

export function TeachersPage() {
  const { api } = useOffice();
  const text = useText();
  const teachers = useResource(() => api.teachers(), [api]);
  const order = useOrder(teachers.set);
  return (
    <OfficePage name="teachers" heading={text("office_teachers")}>
      <div class="actions">
        <GoTo to="teachers/new" class="button primary">
          {text("teacher_new")}
        </GoTo>
        <GoTo to="import" class="button secondary">
          {text("import_title")}
        </GoTo>
      </div>
      <Loaded of={teachers}>
        {({ teachers: rows }) =>
          rows.length === 0 ? (
            <p>{text("teachers_none")}</p>
          ) : (
            <>
              <p>{text("teachers_order")}</p>
              <p role="status" class="hint">
                {order.said}
              </p>
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
                  {
                    heading: text("column_order"),
                    cell: (teacher) => <Order teacher={teacher} all={rows} onMove={order.move} />,
                  },
                ]}
              />
              <Trouble problem={order.problem} />
            </>
          )
        }
      </Loaded>
      <FormerTeachers
        left={teachers.value?.left ?? []}
        set={teachers.set}
        reload={teachers.reload}
      />
    </OfficePage>
  );
}

type Move = (teacher: Teacher, place: number, button: string) => void;

/** Puts teachers elsewhere in walking order, one at a time. */
function useOrder(set: (teachers: Teachers) => void) {
  const { api } = useOffice();
  const text = useText();
  const said = useSignal("");
  const wanted = useSignal<{ readonly teacher: Teacher; readonly place: number } | null>(null);
  const focused = useRef<string | null>(null);
  const act = useAct(() =>
    api.placeTeacher(wanted.value?.teacher.id ?? "", wanted.value?.place ?? 0),
  );
  useEffect(() => {
    // The row went elsewhere in the page, and the focus was lost with it.
    if (focused.current !== null) {
      document.getElementById(focused.current)?.focus();
      focused.current = null;
    }
  }, [said.value]);
  const move: Move = (teacher, place, button) => {
    if (act.busy) {
      return;
    }
    wanted.value = { teacher, place };
    void act.run((now) => {
      set(now);
      focused.current = button;
      const { name } = teacher;
      said.value = text("teacher_placed", { name, place: place + 1, count: now.teachers.length });
    });
  };
  return { said: said.value, problem: act.problem, move };
}

type OrderProps = {
  readonly teacher: Teacher;
  readonly all: readonly Teacher[];
  readonly onMove: Move;
};

/** Buttons that stay where they are at the ends of the list, so that the focus does too. */
function Order({ teacher, all, onMove }: OrderProps) {
  const text = useText();
  const id = useId();
  const place = all.findIndex((one) => one.id === teacher.id);
  const steps = [
    { way: "up", to: place - 1, off: place === 0 },
    { way: "down", to: place + 1, off: place === all.length - 1 },
  ] as const;
  return (
    <span class="order">
      {steps.map(({ way, to, off }) => (
        <button
          key={way}
          id={`${id}-${way}`}
          type="button"
          class="secondary"
          aria-disabled={off}
          onClick={() => {
            if (!off) {
              onMove(teacher, to, `${id}-${way}`);
            }
          }}
        >
          {text(`teacher_${way}`)} <span class="visually-hidden">{teacher.name}</span>
        </button>
      ))}
    </span>
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
  const { meanwhile, save } = useMeanwhile();
  const form = useForm<{ readonly name: string; readonly email: string }, Teacher>({
    initial: { name: teacher?.name ?? "", email: teacher?.email ?? "" },
    check: ({ name }) => (name.trim() === "" ? { name: text("name_missing") } : {}),
    send: ({ name, email }) => {
      const draft = { name: name.trim(), email: email.trim() };
      return teacher === undefined
        ? api.saveTeacher(id, draft)
        : save({
            version: teacher.version,
            save: (version) => api.saveTeacher(id, { ...draft, ...of(version) }),
            load: () => oneOf(api.teachers(), ({ teachers }) => teachers, teacher.id),
            compare: (now) => ({
              changed: differences(text, [
                ["column_name", teacher.name, now.name],
                ["column_email", teacher.email, now.email],
              ]),
              version: now.version,
            }),
          });
    },
    done: ({ name }) => go("teachers", text("saved", { name })),
    fieldOf: (code) => (code === "email_taken" ? "email" : undefined),
  });
  return (
    <>
      <FormView form={form} action={text("save")}>
        <MeanwhileNote meanwhile={meanwhile.value} />
        <TextField
          form={form}
          name="name"
          label={text("column_name")}
          hint={text("teacher_name_hint")}
        />
        <TextField
          form={form}
          name="email"
          type="email"
          label={text("column_email")}
          hint={text("teacher_email_hint")}
        />
      </FormView>
      {teacher !== undefined && (
        <>
          <TheirData of="teachers" id={teacher.id} />
          <Delete
            name={teacher.name}
            work={() => api.deleteTeacher(teacher.id)}
            afterwards="teachers"
            action={text("delete_teacher")}
            warning={text("delete_teacher_text")}
          />
          <Delete
            name={teacher.name}
            work={() => api.eraseTeacher(teacher.id)}
            afterwards="teachers"
            erases
            action={text("contact_erase")}
            warning={text("teacher_erase_text")}
          />
        </>
      )}
    </>
  );
}
