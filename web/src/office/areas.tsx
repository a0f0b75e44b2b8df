// Waiting areas, as the office makes them (ROOM-6).

import { useSignal } from "@preact/signals";
import { useNavigation } from "../navigation";
import { useAct } from "../parts/act";
import { Checkboxes, type Choice } from "../parts/choices";
import { Confirm } from "../parts/confirm";
import { FormView, useForm } from "../parts/form";
import { GoTo } from "../parts/go-to";
import { Loaded, useResource } from "../parts/resource";
import { Table } from "../parts/table";
import { TextField } from "../parts/text-field";
import { useLanguage, useText } from "../text/context";
import type { Text } from "../text/text";
import { LONGEST_NOTE } from "../wire/limits";
import type { Member, OfficeArea } from "../wire/messages";
import { useOffice } from "./office";
import { OfficePage } from "./office-page";

export function AreasPage() {
  const { api } = useOffice();
  const text = useText();
  const areas = useResource(() => api.areas(), [api]);
  return (
    <OfficePage name="areas" heading={text("office_areas")}>
      <p>{text("areas_text")}</p>
      <p class="actions">
        <GoTo to="areas/new" class="button primary">
          {text("area_new")}
        </GoTo>
        <GoTo to="rooms/members/new" class="button secondary">
          {text("member_new")}
        </GoTo>
      </p>
      <Loaded of={areas}>
        {({ areas: all }) =>
          all.length === 0 ? (
            <p>{text("areas_none")}</p>
          ) : (
            <Table
              caption={text("areas_count", { count: all.length })}
              rows={all}
              keyOf={({ id }) => id}
              columns={[
                {
                  heading: text("column_name"),
                  names: true,
                  cell: ({ id, name }) => (
                    <GoTo to={`areas/${encodeURIComponent(id)}`}>{name}</GoTo>
                  ),
                },
                {
                  heading: text("areas_providers"),
                  cell: ({ providers }) =>
                    providers.length === 0 ? text("area_unstaffed") : String(providers.length),
                },
              ]}
            />
          )
        }
      </Loaded>
    </OfficePage>
  );
}

export function AreaPage({ id }: { readonly id: string | null }) {
  const { api } = useOffice();
  const text = useText();
  const areas = useResource(() => api.areas(), [api]);
  const members = useResource(() => api.members(), [api]);
  return (
    <OfficePage
      name="area"
      heading={text(id === null ? "area_new" : "area_edit")}
      back={{ to: "areas", label: text("office_areas") }}
    >
      <Loaded of={areas}>
        {({ areas: all }) => (
          <Loaded of={members}>
            {({ members: staff }) => (
              <AreaForm id={id} area={all.find((area) => area.id === id)} staff={staff} />
            )}
          </Loaded>
        )}
      </Loaded>
    </OfficePage>
  );
}

type Props = {
  readonly id: string | null;
  readonly area: OfficeArea | undefined;
  readonly staff: readonly Member[];
};

type Values = {
  readonly name: string;
  readonly purpose: string;
  readonly days: readonly string[];
  readonly opens: string;
  readonly closes: string;
  readonly providers: readonly string[];
};

function AreaForm({ id, area, staff }: Props) {
  const { api } = useOffice();
  const { locale, text } = useLanguage();
  const { go } = useNavigation();
  const form = useForm<Values, OfficeArea>({
    initial: {
      name: area?.name ?? "",
      purpose: area?.purpose ?? "",
      days: area?.hours?.days.map(String) ?? [],
      opens: area?.hours?.opens ?? "",
      closes: area?.hours?.closes ?? "",
      providers: area?.providers ?? [],
    },
    check: ({ name, providers, ...hours }) => ({
      ...(name.trim() === "" ? { name: text("name_missing") } : {}),
      ...hoursMissing(hours, text),
      ...(providers.length === 0 ? { providers: text("area_providers_missing") } : {}),
    }),
    send: ({ name, purpose, providers, days, opens, closes }) =>
      api.saveArea(id, {
        name: name.trim(),
        purpose: purpose.trim(),
        ...(days.length > 0 ? { hours: { days: days.map(Number), opens, closes } } : {}),
        providers: [...providers],
      }),
    done: ({ name }) => go("areas", text("saved", { name })),
  });
  return (
    <>
      {area?.providers.length === 0 && (
        <div class="note">
          <p>{text("area_unstaffed_text")}</p>
        </div>
      )}
      <FormView form={form} action={text("save")}>
        <TextField
          form={form}
          name="name"
          label={text("column_name")}
          hint={text("area_name_hint")}
        />
        <TextField
          form={form}
          name="purpose"
          label={text("area_purpose")}
          hint={text("area_purpose_hint")}
          lines={3}
          maxLength={LONGEST_NOTE}
        />
        <Checkboxes
          name="days"
          many
          legend={text("area_days")}
          hint={text("area_days_hint")}
          chosen={form.values.days}
          onChange={(days) => form.set("days", days)}
          choices={weekdays(locale)}
        />
        <div class="form-row">
          <TextField form={form} name="opens" type="time" label={text("area_opens")} />
          <TextField form={form} name="closes" type="time" label={text("area_closes")} />
        </div>
        <Checkboxes
          name="providers"
          legend={text("areas_providers")}
          hint={text("area_providers_hint")}
          chosen={form.values.providers}
          onChange={(providers) => form.set("providers", providers)}
          choices={staff.map(({ id: value, name, email }) => ({ value, label: name, hint: email }))}
        />
      </FormView>
      {area !== undefined && <AreaLink area={area} />}
    </>
  );
}

/** Whoever names a day says from when to when, and the other way round. */
function hoursMissing(
  { days, opens, closes }: Pick<Values, "days" | "opens" | "closes">,
  text: Text,
): Partial<Record<"days" | "opens" | "closes", string>> {
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

/** Monday to Sunday. */
function weekdays(locale: string): readonly Choice[] {
  const format = new Intl.DateTimeFormat(locale, { weekday: "long", timeZone: "UTC" });
  // 5 January 1970 was a Monday.
  return [1, 2, 3, 4, 5, 6, 7].map((day) => ({
    value: String(day),
    label: format.format(new Date(Date.UTC(1970, 0, 4 + day))),
  }));
}

/** The area's link, and another in its place. */
function AreaLink({ area }: { readonly area: OfficeArea }) {
  const { api } = useOffice();
  const text = useText();
  const { go } = useNavigation();
  const asking = useSignal(false);
  const act = useAct(() => api.renewAreaLink(area.id));
  const turn = (to: boolean) => () => {
    asking.value = to;
  };
  return (
    <section aria-labelledby="area-link">
      <h2 id="area-link">{text("area_link")}</h2>
      <p>{text("area_link_text")}</p>
      <p class="address">{area.url}</p>
      <button type="button" class="secondary" onClick={turn(true)}>
        {text("room_link_renew")}
      </button>
      {asking.value && (
        <Confirm
          title={text("area_link_renew_ask", { name: area.name })}
          action={text("room_link_renew")}
          busy={act.busy}
          problem={act.problem}
          onClose={turn(false)}
          onConfirm={() => void act.run(() => go("areas", text("area_link_renewed")))}
        />
      )}
    </section>
  );
}
