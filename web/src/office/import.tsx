// Students and guardians from a CSV file: tried first, with a result for every row (DIR-1).

import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useAct } from "../parts/act";
import { BusyButton, useField } from "../parts/form";
import { GoTo } from "../parts/go-to";
import { Done } from "../parts/news";
import { Table } from "../parts/table";
import { Notes } from "../parts/text-field";
import { useText } from "../text/context";
import { LARGEST_FILE } from "../wire/limits";
import type { ImportOutcome, ImportReport, ImportRow } from "../wire/messages";
import { Trouble } from "./evening";
import { useOffice } from "./office";
import { OfficePage } from "./office-page";

export function ImportPage() {
  const { api } = useOffice();
  const text = useText();
  const file = useSignal<File | null>(null);
  const report = useSignal<ImportReport | null>(null);
  const missing = useSignal(false);
  const act = useAct<ImportReport>(() =>
    api.importStudents(file.value ?? new Blob(), report.value !== null),
  );
  const take = (given: ImportReport) => {
    report.value = given;
  };
  const check = () => {
    missing.value = file.value === null;
    if (file.value !== null) {
      void act.run(take);
    }
  };
  return (
    <OfficePage
      name="import"
      heading={text(headingOf(report.value))}
      back={{ to: "students", label: text("office_students") }}
    >
      {report.value === null ? (
        <>
          <Explanation />
          <FileField
            problem={missing.value ? text("import_file_missing") : undefined}
            onChoose={(chosen) => {
              file.value = chosen;
              missing.value = false;
            }}
          />
          <div class="actions">
            <BusyButton busy={act.busy} onPress={check}>
              {text("import_check")}
            </BusyButton>
          </div>
        </>
      ) : (
        <Report report={report.value}>
          {!report.value.applied && (
            <div class="actions">
              {report.value.created + report.value.updated > 0 && (
                <BusyButton busy={act.busy} onPress={() => void act.run(take)}>
                  {text("import_apply")}
                </BusyButton>
              )}
              <button
                type="button"
                class="secondary"
                onClick={() => {
                  report.value = null;
                  file.value = null;
                }}
              >
                {text("import_other")}
              </button>
            </div>
          )}
        </Report>
      )}
      <Trouble problem={act.problem} />
    </OfficePage>
  );
}

function headingOf(report: ImportReport | null) {
  if (report === null) {
    return "import_title";
  }
  return report.applied ? "import_done" : "import_dry_run";
}

function Explanation() {
  const text = useText();
  return (
    <>
      <p>{text("import_text")}</p>
      <details>
        <summary>{text("import_columns")}</summary>
        <p>{text("import_columns_text")}</p>
        <pre class="sample">{text("import_sample")}</pre>
      </details>
    </>
  );
}

type FileProps = {
  readonly problem: string | undefined;
  readonly onChoose: (file: File | null) => void;
};

function FileField({ problem, onChoose }: FileProps) {
  const text = useText();
  const { id } = useField("import-file");
  return (
    <div class={problem === undefined ? "field" : "field wrong"}>
      <label for={id}>{text("import_file")}</label>
      <Notes
        id={id}
        hint={text("import_file_hint", { most: LARGEST_FILE / 1024 ** 2 })}
        problem={problem}
      />
      <input
        id={id}
        type="file"
        accept=".csv,text/csv"
        aria-describedby={`${id}-hint${problem === undefined ? "" : ` ${id}-problem`}`}
        aria-invalid={problem !== undefined}
        onChange={({ currentTarget }) => onChoose(currentTarget.files?.[0] ?? null)}
      />
    </div>
  );
}

type ReportProps = {
  readonly report: ImportReport;
  readonly children: ComponentChildren;
};

function Report({ report, children }: ReportProps) {
  const text = useText();
  const { applied, unused, rows, created, updated, unchanged, refused } = report;
  const counts = text("import_counts", { created, updated, unchanged, refused });
  return (
    <>
      {applied ? (
        <>
          <Done heading={counts} />
          <p>
            <GoTo to="students" class="button primary">
              {text("import_to_students")}
            </GoTo>
          </p>
        </>
      ) : (
        <>
          <p class="note">{text("import_nothing_yet")}</p>
          <p>{counts}</p>
          {unused.length > 0 && <p>{text("import_unused", { label: unused.join(", ") })}</p>}
        </>
      )}
      {children}
      <Rows rows={rows} />
    </>
  );
}

const LOOKS: Readonly<Record<ImportOutcome, string>> = {
  created: "tag good",
  updated: "tag good",
  unchanged: "tag",
  refused: "tag bad",
  unknown: "tag",
};

function Rows({ rows }: { readonly rows: readonly ImportRow[] }) {
  const text = useText();
  return (
    <Table
      caption={text("import_rows")}
      rows={rows}
      keyOf={({ line }) => String(line)}
      columns={[
        { heading: text("import_line"), names: true, cell: ({ line }) => line },
        { heading: text("column_student"), cell: ({ student }) => student },
        {
          heading: text("import_outcome"),
          cell: ({ outcome }) => (
            <span class={LOOKS[outcome]}>{text(`import_outcome_${outcome}`)}</span>
          ),
        },
        {
          heading: text("import_reason"),
          cell: ({ reason, does }) =>
            does.length === 0 ? (
              reason
            ) : (
              <ul>
                {does.map((one) => (
                  <li key={one}>{one}</li>
                ))}
              </ul>
            ),
        },
      ]}
    />
  );
}
