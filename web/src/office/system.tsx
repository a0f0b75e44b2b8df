// The information system that people are taken from, every night and at a press (DIR-1).

import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";
import type { Answer } from "../http/ask";
import { useNavigation } from "../navigation";
import { useAct } from "../parts/act";
import { SelectField, Tick } from "../parts/choices";
import { Confirm } from "../parts/confirm";
import { BusyButton, FormView, type Problems, useForm } from "../parts/form";
import { Loaded, type Resource, useEvery, useResource } from "../parts/resource";
import { TextField } from "../parts/text-field";
import { useLanguage, useText } from "../text/context";
import type { Text } from "../text/text";
import { ownZone, timesIn } from "../text/times";
import type {
  ImportReport,
  InformationSystem,
  SystemConnection,
  SystemProgress,
  SystemRegion,
  SystemRun,
  SystemRunRequest,
} from "../wire/messages";
import { Trouble } from "./evening";
import { ImportNotes, KeptBack, Leaving, Rows } from "./import-rows";
import { differences, MeanwhileNote, of as ofVersion, useMeanwhile } from "./meanwhile";
import { useOffice } from "./office";
import { OfficePage } from "./office-page";
import { UnenteredOrders } from "./unentered-orders";

/** How often it is asked how far a run is. */
const LOOK_MS = 1_000;

export function SystemPage() {
  const { api } = useOffice();
  const text = useText();
  const system = useResource(() => api.system(), [api]);
  useEvery(system.value?.running === undefined ? undefined : LOOK_MS, system.reload);
  return (
    <OfficePage
      name="system"
      heading={text("system_title")}
      back={{ to: "import", label: text("import_title") }}
    >
      <p>{text("system_text")}</p>
      <Loaded of={system}>
        {(given) => (
          <>
            {given.connected !== undefined && (
              <Runs
                id="system-run"
                heading="system_last"
                never="system_never"
                {...given}
                nightly={given.connected.nightly}
                run={(asked) => api.runSystem(asked)}
                report={() => api.systemReport()}
                done={system.set}
              />
            )}
            {given.connected === undefined && <Folder />}
            <Connection
              key={String(given.connected !== undefined)}
              connection={given.connected}
              of={system}
            />
            {given.connected !== undefined && <Folder />}
          </>
        )}
      </Loaded>
    </OfficePage>
  );
}

/** The folder of the settings in which another system leaves lists or an export, where there is one. */
function Folder() {
  const { api } = useOffice();
  const text = useText();
  const folder = useResource(() => api.importFolder(), [api]);
  useEvery(folder.value?.running === undefined ? undefined : LOOK_MS, folder.reload);
  return (
    <Loaded of={folder}>
      {(given) =>
        given.there && (
          <Runs
            id="folder-run"
            heading="folder_title"
            never="folder_never"
            {...given}
            nightly
            run={(asked) => api.runFolder(asked)}
            report={() => api.folderReport()}
            done={folder.set}
          >
            <p>{text("folder_text")}</p>
          </Runs>
        )
      }
    </Loaded>
  );
}

type RunsProps<T> = {
  readonly id: string;
  readonly heading: "system_last" | "folder_title";
  readonly never: "system_never" | "folder_never";
  readonly running?: SystemProgress;
  readonly last?: SystemRun;
  readonly nightly: boolean;
  readonly run: (asked: SystemRunRequest) => Promise<Answer<T>>;
  readonly report: () => Promise<Answer<ImportReport>>;
  readonly done: (given: T) => void;
  readonly children?: ComponentChildren;
};

function Runs<T>(props: RunsProps<T>) {
  const { id, heading, never, running, last, nightly, report, done, children } = props;
  const text = useText();
  const wished = useSignal<SystemRunRequest>({ apply: true });
  const act = useAct(() => props.run(wished.value));
  const run = (request: SystemRunRequest) => () => {
    wished.value = request;
    void act.run(done);
  };
  const asks = running === undefined && last?.outcome === "asks";
  return (
    <section class="section" aria-labelledby={id}>
      <h2 id={id}>{text(heading)}</h2>
      {children}
      {/* One region from the beginning, so that what it comes to hold is announced. */}
      <div class="section" role="status">
        {running !== undefined ? (
          <p>{progressIn(running, text)}</p>
        ) : last === undefined ? (
          <p>{text(never)}</p>
        ) : (
          <LastRun run={last} nightly={nightly} />
        )}
      </div>
      {running !== undefined && <progress aria-hidden="true" />}
      {running === undefined && (
        <div class="actions">
          {asks && last.seen !== undefined && (
            <BusyButton
              kind="danger"
              busy={act.busy}
              onPress={run({ apply: true, seen: last.seen })}
            >
              {text("import_apply_still")}
            </BusyButton>
          )}
          <BusyButton busy={act.busy} onPress={run({ apply: true })}>
            {text("import_apply")}
          </BusyButton>
          <button
            type="button"
            class="secondary"
            disabled={act.busy}
            onClick={run({ apply: false })}
          >
            {text("system_try")}
          </button>
        </div>
      )}
      <Trouble problem={act.problem} />
      {running === undefined && last?.has_report === true && (
        <Report key={last.began} ask={report} />
      )}
    </section>
  );
}

function progressIn({ step, count }: SystemProgress, text: Text): string {
  return text(`system_running_${step}`, { number: count });
}

function LastRun({ run, nightly }: { readonly run: SystemRun; readonly nightly: boolean }) {
  const text = useText();
  const { locale } = useLanguage();
  const { outcome, detail, created, updated, unchanged, refused, leaving } = run;
  const { kept_back: keptBack = 0, unentered = 0 } = run;
  const reached = outcome === "done" || outcome === "tried" || outcome === "asks";
  return (
    <>
      <p>{timesIn(locale, ownZone()).moment(run.began)}</p>
      {unentered > 0 && (
        <p class="note warning">{text("unentered_orders", { count: unentered })}</p>
      )}
      <p class={reached && outcome !== "asks" ? "note" : "note warning"}>
        {text(`system_outcome_${outcome}`, { number: leaving })}
      </p>
      {reached ? (
        <>
          <p>{text("import_counts", { created, updated, unchanged, refused })}</p>
          <KeptBack
            count={keptBack}
            refused={refused}
            isNobody={outcome === "done" && leaving === 0}
          />
        </>
      ) : (
        <>
          {detail !== "" && (
            <p>
              {text(outcome === "unreadable" ? "system_detail_file" : "system_detail", { detail })}
            </p>
          )}
          {nightly && <p>{text("system_again")}</p>}
        </>
      )}
    </>
  );
}

/** What the last run did to each row, or would do. */
function Report({ ask }: { readonly ask: () => Promise<Answer<ImportReport>> }) {
  const report = useResource(ask, []);
  return (
    <Loaded of={report}>
      {({ applied, leaving = [], notes = [], orders = [], rows }) => (
        <>
          <UnenteredOrders orders={orders} />
          <ImportNotes notes={notes} />
          <Leaving leaving={leaving} applied={applied} />
          <Rows rows={rows} />
        </>
      )}
    </Loaded>
  );
}

const REGIONS = ["world", "australia", "africa"] as const;

type Values = {
  readonly region: string;
  readonly school: string;
  readonly token: string;
  readonly nightly: string;
};

type ConnectionProps = {
  readonly connection: SystemConnection | undefined;
  readonly of: Resource<InformationSystem>;
};

function Connection({ connection, of }: ConnectionProps) {
  const { api } = useOffice();
  const text = useText();
  const { replace } = useNavigation();
  const { meanwhile, save } = useMeanwhile();
  // While a run goes on the page is asked for anew: what the form began with stays what it was.
  const began = useRef(connection);
  const form = useForm<Values, InformationSystem>({
    initial: {
      region: connection?.region ?? "world",
      school: connection?.school ?? "",
      token: "",
      nightly: connection?.nightly === false ? "" : "on",
    },
    check: (values) => problemsOf(values, connection !== undefined, text),
    send: ({ region, school, token, nightly }) => {
      const draft = {
        region: region as SystemRegion,
        school: school.trim(),
        ...(token.trim() === "" ? {} : { token: token.trim() }),
        nightly: nightly === "on",
      };
      const before = began.current;
      return before === undefined
        ? api.connectSystem(draft)
        : save({
            version: before.version,
            save: (version) => api.connectSystem({ ...draft, ...ofVersion(version) }),
            load: () => api.system(),
            compare: ({ connected }) => ({
              changed: changedInConnection(before, connected, text),
              version: connected?.version,
            }),
          });
    },
    done: (given) => {
      began.current = given.connected;
      of.set(given);
      form.set("token", "");
      replace("import/system", text("saved", { name: "Wonde" }));
    },
  });
  return (
    <section class="section" aria-labelledby="system-connection">
      <h2 id="system-connection">{text("system_connection")}</h2>
      <FormView form={form} action={text("save")}>
        <MeanwhileNote meanwhile={meanwhile.value} />
        <SelectField
          form={form}
          name="region"
          label={text("system_region")}
          choices={REGIONS.map((value) => ({ value, label: text(`system_region_${value}`) }))}
        />
        <TextField
          form={form}
          name="school"
          label={text("system_school")}
          hint={text("system_school_hint")}
          size={16}
        />
        <TextField
          form={form}
          name="token"
          type="password"
          label={text("system_token")}
          hint={text(connection === undefined ? "system_token_hint" : "system_token_kept")}
        />
        <Tick
          name="nightly"
          label={text("system_nightly")}
          hint={text("system_nightly_hint")}
          on={form.values.nightly === "on"}
          onChange={(on) => form.set("nightly", on ? "on" : "")}
        />
      </FormView>
      {connection !== undefined && <Disconnect of={of} />}
    </section>
  );
}

/** What another has changed, by its label; all of it where it is connected no more. */
export function changedInConnection(
  before: SystemConnection,
  now: SystemConnection | undefined,
  text: Text,
): readonly string[] {
  return [
    ...(before.region === now?.region ? [] : [text("system_region")]),
    ...differences(text, [["system_school", before.school, now?.school ?? ""]]),
    ...(before.nightly === now?.nightly ? [] : [text("system_nightly")]),
  ];
}

/** As the server takes them: letters and digits, and visible characters of ASCII. */
function problemsOf({ school, token }: Values, has: boolean, text: Text): Problems<Values> {
  const given = token.trim();
  const fits = /^[!-~]{1,200}$/.test(given);
  return {
    ...(/^[A-Za-z0-9]{1,40}$/.test(school.trim()) ? {} : { school: text("system_school_wrong") }),
    ...(fits || (given === "" && has) ? {} : { token: text("system_token_wrong") }),
  };
}

function Disconnect({ of }: { readonly of: Resource<InformationSystem> }) {
  const { api } = useOffice();
  const text = useText();
  const { replace } = useNavigation();
  const asking = useSignal(false);
  const act = useAct(() => api.disconnectSystem());
  const turn = (to: boolean) => () => {
    asking.value = to;
  };
  return (
    <>
      <button type="button" class="danger" onClick={turn(true)}>
        {text("system_disconnect")}
      </button>
      {asking.value && (
        <Confirm
          title={text("system_disconnect_ask")}
          action={text("system_disconnect")}
          busy={act.busy}
          problem={act.problem}
          onClose={turn(false)}
          onConfirm={() =>
            void act.run(async () => {
              asking.value = false;
              await of.reload();
              replace("import/system", text("system_disconnected"));
            })
          }
        >
          <p>{text("system_disconnect_text")}</p>
        </Confirm>
      )}
    </>
  );
}
