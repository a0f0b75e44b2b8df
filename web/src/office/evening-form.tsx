// Creating an evening, and changing it (EVE-1).

import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import type { Answer } from "../http/ask";
import { useNavigation } from "../navigation";
import { useTimes } from "../parts/appointment";
import { Checkboxes, Radios } from "../parts/choices";
import { Confirm } from "../parts/confirm";
import { FormView, type Problems, useForm } from "../parts/form";
import { Loaded, useResource } from "../parts/resource";
import { TextField } from "../parts/text-field";
import { useText } from "../text/context";
import type { Text, TextKey } from "../text/text";
import { LONGEST_GAP, LONGEST_SLOT, SHORTEST_SLOT } from "../wire/limits";
import type { Class, Evening, EveningDraft } from "../wire/messages";
import { type ClosingTime, ClosingTimeFields, closingTime } from "./closing-time";
import { MeanwhileNote, useMeanwhile } from "./meanwhile";
import { useOffice } from "./office";
import { OfficePage } from "./office-page";
import { wallOf } from "./wall-time";
import { ZoneField } from "./zones";

export type EveningValues = ClosingTime & {
  readonly name: string;
  readonly date: string;
  readonly time_zone: string;
  readonly starts: string;
  readonly ends: string;
  readonly slot_minutes: string;
  readonly gap_minutes: string;
  readonly which: "all" | "some";
  readonly classes: readonly string[];
};

const NEW: EveningValues = {
  name: "",
  date: "",
  time_zone: "",
  starts: "16:00",
  ends: "19:00",
  slot_minutes: "10",
  gap_minutes: "2",
  closes_date: "",
  closes_time: "",
  which: "all",
  classes: [],
};

export function EveningFormPage({ id }: { readonly id: string | null }) {
  const { api } = useOffice();
  const text = useText();
  const start = useResource(() => startOf(api, id), [id]);
  const back =
    id === null
      ? { to: "", label: text("office_evenings") }
      : { to: `evenings/${encodeURIComponent(id)}`, label: text("back") };
  return (
    <OfficePage
      name="evening-form"
      heading={text(id === null ? "evening_new" : "evening_edit")}
      back={back}
    >
      <Loaded of={start}>{(given) => <EveningForm id={id} start={given} />}</Loaded>
    </OfficePage>
  );
}

type Start = {
  readonly values: EveningValues;
  readonly classes: readonly Class[];
  readonly version: string | undefined;
  /** How many appointments are booked, and how many parents have been written to. */
  readonly booked: number;
  readonly told: number;
  /** Whether booking has closed, and stays so. */
  readonly closed: boolean;
};

/** What the form begins with: the evening as it is, or the school's time zone. */
async function startOf(
  api: ReturnType<typeof useOffice>["api"],
  id: string | null,
): Promise<Answer<Start>> {
  const [classes, settings, evening] = await Promise.all([
    api.classes(),
    api.settings(),
    id === null ? null : api.evening(id),
  ]);
  if (classes.type !== "given") {
    return classes;
  }
  if (settings.type !== "given") {
    return settings;
  }
  if (evening !== null && evening.type !== "given") {
    return evening;
  }
  const values =
    evening === null ? { ...NEW, time_zone: settings.body.time_zone } : valuesOf(evening.body);
  const version = evening?.body.set.version;
  const { booked = 0, confirmations: told = 0 } = evening?.body ?? {};
  const closed = evening?.body.booking === "closed";
  const body = { values, classes: classes.body.classes, version, booked, told, closed };
  return { type: "given", body };
}

type FormProps = {
  readonly id: string | null;
  readonly start: Start;
};

function EveningForm({ id, start }: FormProps) {
  const { values: initial, classes, version, booked, told, closed } = start;
  const { api } = useOffice();
  const text = useText();
  const { go } = useNavigation();
  const { meanwhile, save } = useMeanwhile();
  const form = useForm<EveningValues, Evening>({
    initial,
    check: (values) => problemsOf(values, text),
    names: { booking_closes: "closes_date" },
    send: (values) => {
      const send = (of: string | undefined) =>
        api.saveEvening(id, { ...draftOf(values), ...(of === undefined ? {} : { version: of }) });
      return id === null
        ? send(undefined)
        : save({
            version,
            save: send,
            load: () => api.evening(id),
            compare: (now) => ({
              changed: changedIn(initial, valuesOf(now), text),
              version: now.set.version ?? "",
            }),
          });
    },
    done: (saved) =>
      go(`evenings/${encodeURIComponent(saved.id)}`, text("saved", { name: saved.set.name })),
  });
  const closing = useRef<Closing>(initial);
  const moved = useSignal(false);
  const following: typeof form = {
    ...form,
    set: (name, value) => {
      form.set(name, value);
      const typed = { ...form.values, [name]: value };
      if (name === "date") {
        const day = movedAlong(closing.current, typed.date);
        moved.value = day !== closing.current.closes_date;
        form.set("closes_date", day);
      } else if (name === "closes_date") {
        moved.value = false;
        closing.current = typed;
      }
    },
  };
  const asking = useSignal(false);
  // Whoever was told of the evening, or booked in it, hears of other times: that is asked first.
  const submit = () => {
    const asks = booked + told > 0 && isMoved(initial, form.values);
    if (asks && Object.keys(problemsOf(form.values, text)).length === 0) {
      asking.value = true;
    } else {
      form.submit();
    }
  };
  const times = useTimes(form.values.time_zone);
  const closes = closingTime(form.values, form.values.time_zone);
  return (
    <>
      <FormView form={{ ...form, submit }} action={text(id === null ? "evening_create" : "save")}>
        <MeanwhileNote meanwhile={meanwhile.value} />
        <TextField
          form={form}
          name="name"
          label={text("evening_name")}
          hint={text("evening_name_hint")}
        />
        <TextField form={following} name="date" type="date" label={text("evening_date")} />
        <div class="form-row">
          <TextField form={form} name="starts" type="time" label={text("evening_starts")} />
          <TextField form={form} name="ends" type="time" label={text("evening_ends")} />
        </div>
        <ZoneField form={form} />
        <TextField form={form} name="slot_minutes" type="number" label={text("evening_slot")} />
        <TextField
          form={form}
          name="gap_minutes"
          type="number"
          label={text("evening_gap")}
          hint={text("evening_gap_hint")}
        />
        <fieldset class="field">
          <legend>{text("evening_closes")}</legend>
          <p class="hint">{text("evening_closes_hint")}</p>
          <ClosingTimeFields form={following} />
          <p role="status" class="hint">
            {moved.value && text("evening_closes_moved")}
          </p>
        </fieldset>
        <WhichClasses form={form} classes={classes} />
      </FormView>
      {asking.value && (
        <Confirm
          title={text("evening_move_title")}
          action={text("evening_move_action")}
          busy={form.busy}
          onClose={() => {
            asking.value = false;
          }}
          onConfirm={() => {
            asking.value = false;
            form.submit();
          }}
        >
          <p>{text("evening_move_text", { count: booked })}</p>
          {closes !== null && !closed && (
            <p>{text("evening_move_closes", { moment: times.moment(closes) })}</p>
          )}
        </Confirm>
      )}
    </>
  );
}

type WhichProps = {
  readonly form: ReturnType<typeof useForm<EveningValues, Evening>>;
  readonly classes: readonly Class[];
};

function WhichClasses({ form: { values, set }, classes }: WhichProps) {
  const text = useText();
  return (
    <>
      <Radios
        name="which"
        legend={text("evening_classes")}
        choices={[
          { value: "all", label: text("evening_classes_all") },
          { value: "some", label: text("evening_classes_choose") },
        ]}
        chosen={values.which}
        onChange={(which) => set("which", which === "some" ? "some" : "all")}
      />
      {values.which === "some" && (
        <Checkboxes
          name="classes"
          legend={text("office_classes")}
          choices={classes.map((one) => ({ value: one.id, label: one.name, hint: one.subject }))}
          chosen={values.classes}
          onChange={(chosen) => set("classes", chosen)}
        />
      )}
    </>
  );
}

/** An evening's day, and the day on which booking in it closes. */
type Closing = Pick<EveningValues, "date" | "closes_date">;

const DAY_MS = 86_400_000;

/** The day on which booking closes, as long before the evening as it did before that was on another day. */
export function movedAlong({ date, closes_date: closes }: Closing, to: string): string {
  const by = Date.parse(to) - Date.parse(date);
  const day = Date.parse(closes) + by;
  // Until it is typed whole there is none, or one of another age.
  return Number.isNaN(day) || Math.abs(by) > MOST_MOVED_MS
    ? closes
    : new Date(day).toISOString().slice(0, 10);
}

const MOST_MOVED_MS = 3_660 * DAY_MS;

const LABELS: readonly (readonly [keyof EveningValues, TextKey])[] = [
  ["name", "evening_name"],
  ["date", "evening_date"],
  ["starts", "evening_starts"],
  ["ends", "evening_ends"],
  ["time_zone", "evening_zone"],
  ["slot_minutes", "evening_slot"],
  ["gap_minutes", "evening_gap"],
  ["closes_date", "evening_closes"],
  ["closes_time", "evening_closes"],
  ["which", "evening_classes"],
  ["classes", "evening_classes"],
];

/** What another has changed, by its label. */
function changedIn(before: EveningValues, now: EveningValues, text: Text): readonly string[] {
  const changed = LABELS.filter(([name]) => String(before[name]) !== String(now[name]));
  const said = changed.map(([name, label]) => {
    const value = now[name];
    return typeof value === "string" && value !== "" && name !== "which"
      ? text("meanwhile_changed", { label: text(label), now: value })
      : text(label);
  });
  return [...new Set(said)];
}

/** Whether appointments would be at other times. */
export function isMoved(before: EveningValues, now: EveningValues): boolean {
  return WHEN.some((name) => before[name] !== now[name]);
}

const WHEN = ["date", "time_zone", "starts", "ends", "slot_minutes", "gap_minutes"] as const;

export function valuesOf({ set }: Evening): EveningValues {
  const [closesDate, closesTime] =
    set.booking_closes === undefined ? ["", ""] : wallOf(set.booking_closes, set.time_zone);
  return {
    name: set.name,
    date: set.date,
    time_zone: set.time_zone,
    starts: set.starts,
    ends: set.ends,
    slot_minutes: String(set.slot_minutes),
    gap_minutes: String(set.gap_minutes),
    closes_date: closesDate,
    closes_time: closesTime,
    which: set.classes === undefined ? "all" : "some",
    classes: set.classes ?? [],
  };
}

/** `problemsOf` finds nothing in these values. */
export function draftOf(values: EveningValues): EveningDraft {
  const closes = closingTime(values, values.time_zone);
  return {
    name: values.name.trim(),
    date: values.date,
    time_zone: values.time_zone,
    starts: values.starts,
    ends: values.ends,
    slot_minutes: Number(values.slot_minutes),
    gap_minutes: Number(values.gap_minutes),
    ...(closes === null ? {} : { booking_closes: closes }),
    ...(values.which === "all" ? {} : { classes: [...values.classes] }),
  };
}

export function problemsOf(values: EveningValues, text: Text): Problems<EveningValues> {
  const given = values.closes_date !== "" || values.closes_time !== "";
  return {
    ...(values.name.trim() === "" ? { name: text("evening_name_missing") } : {}),
    ...(values.date === "" ? { date: text("evening_date_missing") } : {}),
    ...(values.starts === "" ? { starts: text("evening_starts_missing") } : {}),
    ...endsProblem(values, text),
    ...minutesProblem(values, "slot_minutes", SHORTEST_SLOT, LONGEST_SLOT, text),
    ...minutesProblem(values, "gap_minutes", 0, LONGEST_GAP, text),
    ...(given && closingTime(values, values.time_zone) === null
      ? { closes_date: text("evening_closes_wrong") }
      : {}),
    ...(values.which === "some" && values.classes.length === 0
      ? { classes: text("evening_classes_missing") }
      : {}),
  };
}

function endsProblem({ starts, ends }: EveningValues, text: Text): { ends?: string } {
  if (ends === "") {
    return { ends: text("evening_ends_missing") };
  }
  return starts < ends ? {} : { ends: text("evening_ends_before") };
}

function minutesProblem(
  values: EveningValues,
  name: "slot_minutes" | "gap_minutes",
  least: number,
  most: number,
  text: Text,
): Problems<EveningValues> {
  const minutes = Number(values[name]);
  const fits =
    values[name] !== "" && Number.isInteger(minutes) && minutes >= least && minutes <= most;
  return fits ? {} : { [name]: text("evening_minutes_wrong", { least, most }) };
}
