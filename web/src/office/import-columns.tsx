// What the columns of a file mean, chosen by hand beside its first rows.

import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import type { Answer } from "../http/ask";
import type { ChosenColumns } from "../http/office";
import { useAct } from "../parts/act";
import { SelectField, Tick } from "../parts/choices";
import { BusyButton, FormView, type Problems, useForm } from "../parts/form";
import { useText } from "../text/context";
import { isTextKey, type Text } from "../text/text";
import type { ImportColumns, ImportKind, ImportReading, ImportReport } from "../wire/messages";
import { Trouble } from "./evening";

type Props = {
  readonly columns: ImportColumns;
  /** Why they do not suffice as they are. */
  readonly problem: string | undefined;
  readonly check: (chosen: ChosenColumns) => Promise<Answer<ImportReport>>;
  readonly done: (report: ImportReport, chosen: ChosenColumns) => void;
  /** Another way out, beside the button. */
  readonly beside: ComponentChildren;
};

/** By the number of the column, and whether the first row names them. */
type Values = { readonly [column: string]: string };

const FIRST_ROW = "first-row";
const NAMED = /^(student(_first|_last)?|teacher_\d_\w+)$/;

/** Whether columns of these meanings say who each row is about. */
export const namesSomebody = (codes: readonly string[]): boolean =>
  codes.some((code) => NAMED.test(code));

export function ImportColumnsForm({ columns, problem, check, done, beside }: Props) {
  const text = useText();
  const { headings, samples, choices } = columns;
  const form = useForm<Values, ImportReport>({
    initial: {
      ...Object.fromEntries(columns.chosen.map((code, nth) => [String(nth), code])),
      [FIRST_ROW]: columns.has_headings ? "" : "on",
    },
    check: (values) => problemsOf(values, headings.length, text),
    send: (values) => check(chosenIn(values, headings.length)),
    done: (report, values) => done(report, chosenIn(values, headings.length)),
  });
  const { values, set } = form;
  const hasHeadings = values[FIRST_ROW] !== "on";
  const options = [
    { value: "", label: text("import_column_none") },
    ...choices.map((code) => ({ value: code, label: columnName(code, text) })),
  ];
  return (
    <>
      <p>{text("import_columns_choose")}</p>
      {problem !== undefined && <p class="note">{problem}</p>}
      <FormView form={form} action={text("import_check")} beside={beside}>
        {headings.map((heading, nth) => {
          const rows = samples.map((row) => row[nth] ?? "");
          const shown = hasHeadings ? rows : [heading, ...rows];
          const label = hasHeadings && heading !== "" ? "import_column" : "import_column_unnamed";
          return (
            <SelectField
              key={`${nth} ${heading}`}
              form={form}
              name={String(nth)}
              label={text(label, { number: nth + 1, heading })}
              hint={text("import_column_rows", {
                rows: shown.filter((cell) => cell !== "").join("; ") || "–",
              })}
              choices={options}
            />
          );
        })}
        <Tick
          name={FIRST_ROW}
          label={text("import_first_row")}
          on={!hasHeadings}
          onChange={(on) => set(FIRST_ROW, on ? "on" : "")}
        />
      </FormView>
    </>
  );
}

type WhoseProps = {
  readonly readings: readonly ImportReading[];
  readonly check: (chosen: ChosenColumns) => Promise<Answer<ImportReport>>;
  readonly done: (report: ImportReport, chosen: ChosenColumns) => void;
  readonly beside: ComponentChildren;
};

/** Headings such as "Name, Initials, School email" may be of students or of teachers: nobody guesses. */
export function WhoseList({ readings, check, done, beside }: WhoseProps) {
  const text = useText();
  const wished = useSignal<ChosenColumns>({ columns: [], hasHeadings: true });
  const act = useAct(() => check(wished.value));
  const choose =
    ({ chosen }: ImportReading) =>
    () => {
      wished.value = { columns: chosen, hasHeadings: true };
      void act.run((report) => done(report, wished.value));
    };
  return (
    <>
      <p>{text("import_whose")}</p>
      <div class="actions">
        {readings.map((reading) => (
          <BusyButton key={reading.list} kind="secondary" busy={act.busy} onPress={choose(reading)}>
            {text(WHOSE[reading.list])}
          </BusyButton>
        ))}
        {beside}
      </div>
      <Trouble problem={act.problem} />
    </>
  );
}

const WHOSE: Readonly<
  Record<ImportKind, "import_of_students" | "import_of_teachers" | "import_of_classes">
> = {
  student: "import_of_students",
  contact: "import_of_students",
  unknown: "import_of_students",
  teacher: "import_of_teachers",
  class: "import_of_classes",
};

function chosenIn(values: Values, count: number): ChosenColumns {
  return {
    columns: Array.from({ length: count }, (_, nth) => values[String(nth)] ?? ""),
    hasHeadings: values[FIRST_ROW] !== "on",
  };
}

/** What the server would refuse without saying where: the same for two columns, and nobody named. */
export function problemsOf(values: Values, count: number, text: Text): Problems<Values> {
  const problems: Record<string, string> = {};
  const { columns } = chosenIn(values, count);
  columns.forEach((code, nth) => {
    const first = columns.indexOf(code);
    // Several may speak of court orders, and each counts.
    if (code !== "" && !code.endsWith("_court_order") && first < nth) {
      problems[String(nth)] = text("import_column_twice", { number: first + 1 });
    }
  });
  if (!namesSomebody(columns)) {
    problems[""] = text("import_column_no_student");
  }
  return problems as Problems<Values>;
}

/** `guardian_2_email` is the second guardian's email address, `teacher_1_id` the first teacher's id. */
function columnName(code: string, text: Text): string {
  const [, who, number, part] = /^(guardian|teacher)_(\d)_(\w+)$/.exec(code) ?? [];
  const key = `import_column_${part === undefined ? code : `${who}_${part}`}`;
  return isTextKey(key) ? text(key, { number: number ?? "" }) : code;
}
