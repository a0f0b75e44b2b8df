// Students and guardians, teachers and classes from a CSV file: tried first, with a result for every row (DIR-1).

import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import type { Answer } from "../http/ask";
import type { ChosenColumns } from "../http/office";
import { useAct } from "../parts/act";
import { Checkboxes } from "../parts/choices";
import { BusyButton, useField } from "../parts/form";
import { GoTo } from "../parts/go-to";
import { Done } from "../parts/news";
import { Notes } from "../parts/text-field";
import { useText } from "../text/context";
import { LARGEST_FILE } from "../wire/limits";
import type { ImportKind, ImportReport, RegistrationLetters } from "../wire/messages";
import { Trouble } from "./evening";
import { ImportColumnsForm, namesSomebody, WhoseList } from "./import-columns";
import { Invited } from "./import-invited";
import { ImportNotes, KeptBack, Leaving, Rows } from "./import-rows";
import { LettersPage } from "./letters";
import { useOffice } from "./office";
import { OfficePage } from "./office-page";
import { UnenteredOrders } from "./unentered-orders";

/** `invites` where parents whom the file brings are invited in one go (DIR-7). */
export function ImportPage({ invites }: { readonly invites: boolean }) {
  const { api } = useOffice();
  const text = useText();
  const file = useSignal<File | null>(null);
  const chosen = useSignal<ChosenColumns | null>(null);
  const report = useSignal<ImportReport | null>(null);
  const choosing = useSignal(false);
  const missing = useSignal(false);
  const whole = useSignal(false);
  const letters = useSignal<RegistrationLetters | null>(null);
  /** Whom an earlier invitation has not reached. */
  const unreached = useSignal<ReadonlySet<string>>(new Set());
  const ask = (apply: boolean, columns: ChosenColumns | null) =>
    api.importStudents(file.value ?? new Blob(), {
      apply,
      chosen: columns,
      whole: whole.value,
      // Whoever presses has read how many leave.
      allTheSame: apply && report.value?.asks_first === true,
      invite: invites,
    });
  const checked = useAct<ImportReport>(() => ask(false, null));
  // By the same columns as it was shown, also where they were remembered.
  const applied = useAct<ImportReport>(async () => {
    if (invites) {
      const progress = await api.registrationProgress();
      if (progress.type !== "given") {
        return progress;
      }
      unreached.value = new Set(progress.body.undelivered.map(({ id }) => id));
    }
    return ask(true, chosen.value ?? rememberedIn(report.value));
  });
  const take = (given: ImportReport) => {
    report.value = given;
    choosing.value = given.problem !== undefined;
  };
  const check = () => {
    missing.value = file.value === null;
    if (file.value !== null) {
      void checked.run(take);
    }
  };
  // Where the headings alone name nobody, the server's reason lists all that there may be.
  const isChosen = chosen.value !== null || report.value?.columns.remembered === true;
  const begin = () => {
    report.value = null;
    file.value = null;
    chosen.value = null;
  };
  if (letters.value !== null) {
    const close = () => {
      letters.value = null;
    };
    return <LettersPage letters={letters.value} onClose={close} />;
  }
  return (
    <OfficePage
      name="import"
      heading={text(headingOf(report.value, choosing.value, invites))}
      back={{ to: "students", label: text("office_students") }}
    >
      {report.value === null && (
        <>
          <Explanation />
          {!invites && (
            <p>
              <GoTo to="import/system">{text("system_link")}</GoTo>
            </p>
          )}
          {invites && <p class="note">{text("import_inviting_text")}</p>}
          <FileField
            problem={missing.value ? text("import_file_missing") : undefined}
            onChoose={(given) => {
              file.value = given;
              missing.value = false;
            }}
          />
          <Checkboxes
            name="import-whole"
            legend={text("import_whole_title")}
            hint={text("import_whole_hint")}
            choices={[{ value: "whole", label: text("import_whole") }]}
            chosen={whole.value ? ["whole"] : []}
            onChange={(chosen) => {
              whole.value = chosen.length > 0;
            }}
          />
          <div class="actions">
            <BusyButton busy={checked.busy} onPress={check}>
              {text("import_check")}
            </BusyButton>
          </div>
        </>
      )}
      {report.value !== null && choosing.value && (
        <Choosing
          report={report.value}
          isChosen={isChosen}
          check={(columns) => ask(false, columns)}
          done={(given, columns) => {
            chosen.value = columns;
            take(given);
          }}
          beside={<OtherFile onPress={begin} />}
        />
      )}
      {report.value !== null && !choosing.value && (
        <Report
          report={report.value}
          unreached={unreached.value}
          onLetters={(made) => {
            letters.value = made;
          }}
        >
          <Actions
            report={report.value}
            busy={applied.busy}
            apply={() => void applied.run(take)}
            choose={() => {
              choosing.value = true;
            }}
            begin={begin}
          />
        </Report>
      )}
      <Trouble problem={checked.problem ?? applied.problem} />
    </OfficePage>
  );
}

type ChoosingProps = {
  readonly report: ImportReport;
  readonly isChosen: boolean;
  readonly check: (columns: ChosenColumns) => Promise<Answer<ImportReport>>;
  readonly done: (report: ImportReport, columns: ChosenColumns) => void;
  readonly beside: ComponentChildren;
};

/** What it is a list of, where that is not clear; otherwise what its columns mean. */
function Choosing({ report, isChosen, ...props }: ChoosingProps) {
  const text = useText();
  return asksList(report) ? (
    <WhoseList readings={report.readings ?? []} {...props} />
  ) : (
    <ImportColumnsForm
      columns={report.columns}
      problem={
        isChosen || namesSomebody(report.columns.chosen)
          ? report.problem
          : text("import_columns_nobody")
      }
      {...props}
    />
  );
}

function asksList({ readings = [] }: ImportReport): boolean {
  return readings.length > 0;
}

function rememberedIn(report: ImportReport | null): ChosenColumns | null {
  const columns = report?.columns;
  return columns?.remembered === true
    ? { columns: columns.chosen, hasHeadings: columns.has_headings }
    : null;
}

type ActionsProps = {
  readonly report: ImportReport;
  readonly busy: boolean;
  readonly apply: () => void;
  readonly choose: () => void;
  readonly begin: () => void;
};

function Actions({ report, busy, apply, choose, begin }: ActionsProps) {
  const text = useText();
  if (report.applied) {
    const { to, label } = placeOf(report);
    return (
      <div class="actions">
        <GoTo to={to} class="button primary">
          {text(label)}
        </GoTo>
        <OtherFile onPress={begin} />
      </div>
    );
  }
  return (
    <div class="actions">
      {changes(report) && (
        <BusyButton busy={busy} onPress={apply}>
          {text(report.asks_first === true ? "import_apply_still" : "import_apply")}
        </BusyButton>
      )}
      {report.columns.headings.length > 0 && (
        <button type="button" class="secondary" onClick={choose}>
          {text("import_columns_change")}
        </button>
      )}
      <OtherFile onPress={begin} />
    </div>
  );
}

function OtherFile({ onPress }: { readonly onPress: () => void }) {
  const text = useText();
  return (
    <button type="button" class="secondary" onClick={onPress}>
      {text("import_other")}
    </button>
  );
}

function changes({ created, updated, leaving = [] }: ImportReport): boolean {
  return created + updated + leaving.length > 0;
}

/** Where those are whom the file names. */
function placeOf({ rows }: ImportReport) {
  const has = (of: ImportKind) => rows.some(({ kind = "student" }) => kind === of);
  if (has("student") || !(has("class") || has("teacher"))) {
    return { to: "students", label: "import_to_students" } as const;
  }
  return has("class")
    ? ({ to: "classes", label: "import_to_classes" } as const)
    : ({ to: "teachers", label: "import_to_teachers" } as const);
}

function headingOf(report: ImportReport | null, choosing: boolean, invites: boolean) {
  if (report === null) {
    return invites ? "import_inviting" : "import_title";
  }
  if (choosing) {
    return asksList(report) ? "import_whose_title" : "import_columns_title";
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
        <Sample heading={text("import_of_students")} sample={text("import_sample")}>
          {text("import_columns_text")}
        </Sample>
        <Sample heading={text("import_of_teachers")} sample={text("import_teachers_sample")}>
          {text("import_teachers_text")}
        </Sample>
        <Sample heading={text("import_of_classes")} sample={text("import_classes_sample")}>
          {text("import_classes_text")}
        </Sample>
        <p class="section">{text("import_oneroster")}</p>
      </details>
    </>
  );
}

type SampleProps = {
  readonly heading: string;
  readonly sample: string;
  readonly children: string;
};

function Sample({ heading, sample, children }: SampleProps) {
  return (
    <div class="section">
      <h2>{heading}</h2>
      <p>{children}</p>
      <pre class="sample">{sample}</pre>
    </div>
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
        accept=".csv,text/csv,.zip,application/zip"
        aria-describedby={`${id}-hint${problem === undefined ? "" : ` ${id}-problem`}`}
        aria-invalid={problem !== undefined}
        onChange={({ currentTarget }) => onChoose(currentTarget.files?.[0] ?? null)}
      />
    </div>
  );
}

/** How the columns were read. */
function Columns({ report: { columns, unused } }: { readonly report: ImportReport }) {
  const text = useText();
  return (
    <>
      {columns.remembered && <p>{text("import_remembered")}</p>}
      {unused.length > 0 && <p>{text("import_unused", { label: unused.join(", ") })}</p>}
    </>
  );
}

type ReportProps = {
  readonly report: ImportReport;
  readonly unreached: ReadonlySet<string>;
  readonly onLetters: (letters: RegistrationLetters) => void;
  readonly children: ComponentChildren;
};

function Report({ report, unreached, onLetters, children }: ReportProps) {
  const text = useText();
  const { applied, rows, created, updated, unchanged, refused } = report;
  const { guessed = [], leaving = [], notes = [], asks_first: asksFirst, invited = 0 } = report;
  const { kept_back: keptBack = 0, orders = [], invitations } = report;
  const counts = text("import_counts", { created, updated, unchanged, refused });
  return (
    <>
      <UnenteredOrders orders={orders} />
      {applied ? (
        <>
          <Done heading={counts} />
          {invited > 0 && <p>{text("import_invited", { count: invited })}</p>}
          {invitations !== undefined && (
            <Invited sent={invitations} before={unreached} onLetters={onLetters} />
          )}
        </>
      ) : (
        <>
          <p class="note">
            {text(changes(report) || refused > 0 ? "import_nothing_yet" : "import_changes_nothing")}
          </p>
          <p>{counts}</p>
          {asksFirst === true && (
            <p class="note warning">
              {text(leaving.length > 0 ? "import_asks_first" : "import_asks_mixed")}
            </p>
          )}
          {guessed.length > 0 && (
            <p class="note">{text("import_guessed", { words: guessed.join(", ") })}</p>
          )}
        </>
      )}
      <ImportNotes notes={notes} />
      <KeptBack count={keptBack} refused={refused} isNobody={applied && leaving.length === 0} />
      {!applied && <Columns report={report} />}
      {children}
      <Leaving leaving={leaving} applied={applied} />
      <Rows rows={rows} />
    </>
  );
}
