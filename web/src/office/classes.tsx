// The classes, each taken by one to three teachers jointly (EVE-1).

import { useNavigation } from "../navigation";
import { Checkboxes } from "../parts/choices";
import { FormView, type Problems, useForm } from "../parts/form";
import { GoTo } from "../parts/go-to";
import { useNames } from "../parts/names";
import { Loaded, useResource } from "../parts/resource";
import { Table } from "../parts/table";
import { TextField } from "../parts/text-field";
import { useText } from "../text/context";
import type { Text } from "../text/text";
import type { Class, ClassDraft, Teacher } from "../wire/messages";
import { Delete } from "./delete";
import { differences, MeanwhileNote, oneOf, useMeanwhile } from "./meanwhile";
import { useOffice } from "./office";
import { OfficePage } from "./office-page";

/** How many may take an appointment jointly. */
const TEACHERS_AT_MOST = 3;

/** The classes, and the teachers whose ids they hold. */
function useClasses() {
  const { api } = useOffice();
  return useResource(async () => {
    const [classes, teachers] = await Promise.all([api.classes(), api.teachers()]);
    if (classes.type !== "given") {
      return classes;
    }
    if (teachers.type !== "given") {
      return teachers;
    }
    const body = { classes: classes.body.classes, teachers: teachers.body.teachers };
    return { type: "given" as const, body };
  }, [api]);
}

export function ClassesPage() {
  const text = useText();
  const names = useNames();
  const given = useClasses();
  return (
    <OfficePage name="classes" heading={text("office_classes")}>
      <div class="actions">
        <GoTo to="classes/new" class="button primary">
          {text("class_new")}
        </GoTo>
        <GoTo to="import" class="button secondary">
          {text("import_title")}
        </GoTo>
      </div>
      <Loaded of={given}>
        {({ classes, teachers }) =>
          classes.length === 0 ? (
            <p>{text("classes_none")}</p>
          ) : (
            <Table
              caption={text("classes_count", { count: classes.length })}
              rows={classes}
              keyOf={({ id }) => id}
              columns={[
                {
                  heading: text("class_name"),
                  names: true,
                  cell: ({ id, name }) => (
                    <GoTo to={`classes/${encodeURIComponent(id)}`}>{name}</GoTo>
                  ),
                },
                { heading: text("column_subject"), cell: ({ subject }) => subject },
                {
                  heading: text("column_teachers"),
                  cell: (row) => names(namesOf(row, teachers)),
                },
                { heading: text("office_students"), cell: (row) => row.students.length },
              ]}
            />
          )
        }
      </Loaded>
    </OfficePage>
  );
}

function namesOf({ teachers: ids }: Class, teachers: readonly Teacher[]): readonly string[] {
  return teachers.filter(({ id }) => ids.includes(id)).map(({ name }) => name);
}

export function ClassPage({ id }: { readonly id: string | null }) {
  const text = useText();
  const given = useClasses();
  return (
    <OfficePage
      name="class"
      heading={text(id === null ? "class_new" : "class_edit")}
      back={{ to: "classes", label: text("office_classes") }}
    >
      <Loaded of={given}>
        {({ classes, teachers }) => (
          <ClassForm id={id} found={classes.find((one) => one.id === id)} teachers={teachers} />
        )}
      </Loaded>
    </OfficePage>
  );
}

type FormProps = {
  readonly id: string | null;
  readonly found: Class | undefined;
  readonly teachers: readonly Teacher[];
};

type Values = Pick<ClassDraft, "name" | "subject"> & { readonly teachers: readonly string[] };

function ClassForm({ id, found, teachers }: FormProps) {
  const { api } = useOffice();
  const text = useText();
  const { go } = useNavigation();
  const { meanwhile, save } = useMeanwhile();
  const form = useForm<Values, Class>({
    initial: {
      name: found?.name ?? "",
      subject: found?.subject ?? "",
      teachers: found?.teachers ?? [],
    },
    check: (values) => problemsOf(values, text),
    send: ({ name, subject, teachers: chosen }) => {
      const draft = { name: name.trim(), subject: subject.trim(), teachers: [...chosen] };
      const send = (of: string | undefined) =>
        api.saveClass(id, { ...draft, ...(of === undefined ? {} : { version: of }) });
      return found === undefined
        ? send(undefined)
        : save({
            version: found.version,
            save: send,
            load: () => oneOf(api.classes(), ({ classes }) => classes, found.id),
            compare: (now) => ({
              changed: changedIn(found, now, text),
              version: now.version,
            }),
          });
    },
    done: ({ name }) => go("classes", text("saved", { name })),
    fieldOf: (code) => (code === "too_many_teachers" ? "teachers" : undefined),
  });
  const { values, set } = form;
  return (
    <>
      <FormView form={form} action={text("save")}>
        <MeanwhileNote meanwhile={meanwhile.value} />
        <TextField
          form={form}
          name="name"
          label={text("class_name")}
          hint={text("class_name_hint")}
        />
        <TextField
          form={form}
          name="subject"
          label={text("column_subject")}
          hint={text("class_subject_hint")}
        />
        {teachers.length === 0 ? (
          <p class="note">
            {text("class_no_teachers")} <GoTo to="teachers/new">{text("teacher_new")}</GoTo>
          </p>
        ) : (
          <Checkboxes
            name="teachers"
            legend={text("class_teachers")}
            hint={text("class_teachers_hint")}
            choices={teachers.map(({ id: value, name }) => ({ value, label: name }))}
            chosen={values.teachers}
            onChange={(chosen) => set("teachers", chosen)}
          />
        )}
      </FormView>
      {found !== undefined && (
        <Delete
          name={found.name}
          work={() => api.deleteClass(found.id)}
          afterwards="classes"
          action={text("delete_class")}
          warning={text("delete_class_text")}
        />
      )}
    </>
  );
}

/** What another has changed, by its label. */
function changedIn(before: Class, now: Class, text: Text): readonly string[] {
  return [
    ...differences(text, [
      ["class_name", before.name, now.name],
      ["column_subject", before.subject, now.subject],
    ]),
    ...(String(before.teachers) === String(now.teachers) ? [] : [text("class_teachers")]),
    ...(String(before.students) === String(now.students) ? [] : [text("office_students")]),
  ];
}

/** A fourth teacher is refused with the reason; the server has the last word. */
export function problemsOf({ name, subject, teachers }: Values, text: Text): Problems<Values> {
  return {
    ...(name.trim() === "" ? { name: text("class_name_missing") } : {}),
    ...(subject.trim() === "" ? { subject: text("class_subject_missing") } : {}),
    ...(teachers.length === 0 ? { teachers: text("class_teachers_missing") } : {}),
    ...(teachers.length > TEACHERS_AT_MOST ? { teachers: text("class_teachers_too_many") } : {}),
  };
}
