// Waiting areas, as the office makes them (ROOM-6).

import { useNavigation } from "../navigation";
import { FormView, useForm } from "../parts/form";
import { GoTo } from "../parts/go-to";
import { Loaded, useResource } from "../parts/resource";
import { Table } from "../parts/table";
import { TextField } from "../parts/text-field";
import { useText } from "../text/context";
import type { Text } from "../text/text";
import { LONGEST_NOTE } from "../wire/limits";
import type { Member, OfficeArea } from "../wire/messages";
import { differences, MeanwhileNote, of, oneOf, otherPeople, useMeanwhile } from "./meanwhile";
import { useOffice } from "./office";
import { OfficePage } from "./office-page";
import {
  changedInHours,
  HoursFields,
  type HoursTyped,
  hoursFirst,
  hoursMissing,
  hoursOf,
  PlaceLink,
  PlacePage,
  StaffBoxes,
  useNamed,
} from "./places";

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
        <GoTo to="rooms/members" class="button secondary">
          {text("members_title")}
        </GoTo>
        <GoTo to="visits" class="button secondary">
          {text("visits_title")}
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
  return (
    <PlacePage name="area" id={id} load={() => api.areas()} all={({ areas }) => areas}>
      {(area, staff) => <AreaForm id={id} area={area} staff={staff} />}
    </PlacePage>
  );
}

type Props = {
  readonly id: string | null;
  readonly area: OfficeArea | undefined;
  readonly staff: readonly Member[];
};

type Values = HoursTyped & {
  readonly name: string;
  readonly purpose: string;
  readonly providers: readonly string[];
};

function AreaForm({ id, area, staff }: Props) {
  const { api } = useOffice();
  const text = useText();
  const { go } = useNavigation();
  const { meanwhile, save } = useMeanwhile();
  const named = useNamed(staff);
  const form = useForm<Values, OfficeArea>({
    initial: {
      name: area?.name ?? "",
      purpose: area?.purpose ?? "",
      ...hoursFirst(area?.hours),
      providers: area?.providers ?? [],
    },
    check: ({ name, providers, ...hours }) => ({
      ...(name.trim() === "" ? { name: text("name_missing") } : {}),
      ...hoursMissing(hours, text),
      ...(providers.length === 0 ? { providers: text("area_providers_missing") } : {}),
    }),
    send: ({ name, purpose, providers, ...hours }) => {
      const draft = {
        name: name.trim(),
        purpose: purpose.trim(),
        ...hoursOf(hours),
        providers: [...providers],
      };
      return area === undefined
        ? api.saveArea(id, draft)
        : save({
            version: area.version,
            save: (version) => api.saveArea(id, { ...draft, ...of(version) }),
            load: () => oneOf(api.areas(), ({ areas }) => areas, area.id),
            compare: (now) => ({
              changed: changedInArea(area, now, text, named),
              version: now.version,
            }),
          });
    },
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
        <MeanwhileNote meanwhile={meanwhile.value} />
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
        <HoursFields
          form={form}
          days={form.values.days}
          onDays={(days) => form.set("days", days)}
          hint={text("area_days_hint")}
        />
        <StaffBoxes
          name="providers"
          legend={text("areas_providers")}
          hint={text("area_providers_hint")}
          staff={staff}
          chosen={form.values.providers}
          onChange={(providers) => form.set("providers", providers)}
        />
      </FormView>
      {area !== undefined && (
        <PlaceLink place={area} of="area" renew={() => api.renewAreaLink(area.id)} />
      )}
    </>
  );
}

/** What another has changed, by its label. */
export function changedInArea(
  before: OfficeArea,
  now: OfficeArea,
  text: Text,
  named: (ids: readonly string[]) => string,
): readonly string[] {
  return [
    ...differences(text, [
      ["column_name", before.name, now.name],
      ["area_purpose", before.purpose, now.purpose],
    ]),
    ...changedInHours(before.hours, now.hours, text),
    ...otherPeople(text, ["areas_providers", before.providers, now.providers], named),
  ];
}
