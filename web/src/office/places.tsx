// What the forms of meeting rooms and of waiting areas share: the page around them, opening hours, who of
// the staff, and the link.

import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import type { Answer } from "../http/ask";
import { useNavigation } from "../navigation";
import { useAct } from "../parts/act";
import { Checkboxes, type Choice } from "../parts/choices";
import { Confirm } from "../parts/confirm";
import { CopyField } from "../parts/copy-field";
import type { Problems } from "../parts/form";
import { useNames } from "../parts/names";
import { Loaded, useResource } from "../parts/resource";
import { TextField, type Typed } from "../parts/text-field";
import { useLanguage, useText } from "../text/context";
import type { Text } from "../text/text";
import type { Member, OpenHours } from "../wire/messages";
import { differences } from "./meanwhile";
import { useOffice } from "./office";
import { OfficePage } from "./office-page";

type PageProps<T, P> = {
  readonly name: "room" | "area";
  /** Which one; `null` for a new one. */
  readonly id: string | null;
  /** Asks for all there are, which are in the answer. */
  readonly load: () => Promise<Answer<T>>;
  readonly all: (answer: T) => readonly P[];
  readonly children: (place: P | undefined, staff: readonly Member[]) => ComponentChildren;
};

/** The page of one room or area. */
export function PlacePage<T, P extends { readonly id: string }>(props: PageProps<T, P>) {
  const { name, id, load, all, children } = props;
  const { api } = useOffice();
  const text = useText();
  const heading =
    name === "room"
      ? ({ made: "room_edit", new: "room_new" } as const)
      : ({ made: "area_edit", new: "area_new" } as const);
  const places = useResource(load, [api]);
  const members = useResource(() => api.members(), [api]);
  return (
    <OfficePage
      name={name}
      heading={text(id === null ? heading.new : heading.made)}
      back={{ to: `${name}s`, label: text(name === "room" ? "office_rooms" : "office_areas") }}
    >
      <Loaded of={places}>
        {(answer) => (
          <Loaded of={members}>
            {({ members: staff }) =>
              children(
                all(answer).find((place) => place.id === id),
                staff,
              )
            }
          </Loaded>
        )}
      </Loaded>
    </OfficePage>
  );
}

export type HoursTyped = {
  readonly days: readonly string[];
  readonly opens: string;
  readonly closes: string;
};

export const hoursFirst = (hours: OpenHours | undefined): HoursTyped => ({
  days: hours?.days.map(String) ?? [],
  opens: hours?.opens ?? "",
  closes: hours?.closes ?? "",
});

/** As the server takes them: nothing where it is always open. */
export const hoursOf = ({ days, opens, closes }: HoursTyped): { readonly hours?: OpenHours } =>
  days.length > 0 ? { hours: { days: days.map(Number), opens, closes } } : {};

/** Whoever names a day says from when to when, and the other way round. */
export function hoursMissing(
  { days, opens, closes }: HoursTyped,
  text: Text,
): Problems<HoursTyped> {
  if (days.length === 0) {
    return opens === "" && closes === "" ? {} : { days: text("area_days_missing") };
  }
  return {
    ...(opens === "" ? { opens: text("area_time_missing") } : {}),
    ...(closes === "" ? { closes: text("area_time_missing") } : {}),
    ...(opens !== "" && closes !== "" && closes <= opens
      ? { closes: text("evening_ends_before") }
      : {}),
  };
}

/** What another has changed of the hours, by its label. */
export function changedInHours(
  before: OpenHours | undefined,
  now: OpenHours | undefined,
  text: Text,
): readonly string[] {
  const [was, is] = [hoursFirst(before), hoursFirst(now)];
  return [
    ...(String(was.days) === String(is.days) ? [] : [text("area_days")]),
    ...differences(text, [
      ["area_opens", was.opens, is.opens],
      ["area_closes", was.closes, is.closes],
    ]),
  ];
}

/** The names of some of the staff. */
export function useNamed(staff: readonly Member[]): (ids: readonly string[]) => string {
  const names = useNames();
  return (ids) => names(staff.filter(({ id }) => ids.includes(id)).map(({ name }) => name));
}

type HoursProps = {
  readonly form: Typed<"opens" | "closes">;
  readonly days: readonly string[];
  readonly onDays: (days: readonly string[]) => void;
  readonly hint: string;
};

export function HoursFields({ form, days, onDays, hint }: HoursProps) {
  const { locale, text } = useLanguage();
  return (
    <>
      <Checkboxes
        name="days"
        many
        legend={text("area_days")}
        hint={hint}
        chosen={days}
        onChange={onDays}
        choices={weekdays(locale)}
      />
      <div class="form-row">
        <TextField form={form} name="opens" type="time" label={text("area_opens")} />
        <TextField form={form} name="closes" type="time" label={text("area_closes")} />
      </div>
    </>
  );
}

/** Monday to Sunday. */
function weekdays(locale: string): readonly Choice[] {
  const format = new Intl.DateTimeFormat(locale, { weekday: "long", timeZone: "UTC" });
  // 5 January 1970 was a Monday.
  return [1, 2, 3, 4, 5, 6, 7].map((day) => ({
    value: String(day),
    label: format.format(new Date(Date.UTC(1970, 0, 4 + day))),
  }));
}

type StaffProps = {
  readonly name: string;
  readonly legend: string;
  readonly hint: string;
  readonly staff: readonly Member[];
  readonly chosen: readonly string[];
  readonly onChange: (chosen: readonly string[]) => void;
};

/** Some of the staff. */
export function StaffBoxes({ staff, ...group }: StaffProps) {
  const choices = staff.map(({ id: value, name, email }) => ({ value, label: name, hint: email }));
  return <Checkboxes {...group} choices={choices} />;
}

type LinkProps = {
  readonly place: { readonly name: string; readonly url: string };
  readonly of: "room" | "area";
  readonly renew: () => Promise<Answer<unknown>>;
};

/** The link of a room or an area, and another in its place. */
export function PlaceLink({ place, of, renew }: LinkProps) {
  const text = useText();
  const { go } = useNavigation();
  const asking = useSignal(false);
  const act = useAct(renew);
  const turn = (to: boolean) => () => {
    asking.value = to;
  };
  const heading = `${of}-link`;
  const renewed = text(of === "room" ? "room_link_renewed" : "area_link_renewed");
  return (
    <section class="section" aria-labelledby={heading}>
      <h2 id={heading}>{text(of === "room" ? "room_link" : "area_link")}</h2>
      <p>{text(of === "room" ? "room_link_text" : "area_link_text")}</p>
      <CopyField
        url={place.url}
        label={text(of === "room" ? "room_link_of" : "area_link_of", { name: place.name })}
        {...(of === "area" ? { done: "area_link_copied" } : {})}
      />
      <button type="button" class="secondary" onClick={turn(true)}>
        {text("room_link_renew")}
      </button>
      {asking.value && (
        <Confirm
          title={text(of === "room" ? "room_link_renew_ask" : "area_link_renew_ask", {
            name: place.name,
          })}
          action={text("room_link_renew")}
          busy={act.busy}
          problem={act.problem}
          onClose={turn(false)}
          onConfirm={() => void act.run(() => go(`${of}s`, renewed))}
        />
      )}
    </section>
  );
}
