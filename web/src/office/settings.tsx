// The school: its name, whom people ask for help, and how long personal data is kept.

import { useNavigation } from "../navigation";
import { Radios, Tick } from "../parts/choices";
import { FormView, type Problems, useForm } from "../parts/form";
import { Loaded, useResource } from "../parts/resource";
import { TextField } from "../parts/text-field";
import { useText } from "../text/context";
import type { Text, TextKey } from "../text/text";
import { LONGEST_RETENTION, SHORTEST_RETENTION } from "../wire/limits";
import type { ParentsInvite, SchoolSettings } from "../wire/messages";
import { FaceSection } from "./face";
import { differences, MeanwhileNote, of, useMeanwhile } from "./meanwhile";
import { useOffice } from "./office";
import { OfficePage } from "./office-page";
import { SchoolFields, type SchoolValues, schoolProblems } from "./school-fields";
import { SecondFactorSection } from "./second-factor";

export function SettingsPage() {
  const { api } = useOffice();
  const text = useText();
  const settings = useResource(() => api.settings(), [api]);
  return (
    <OfficePage name="settings" heading={text("office_settings")}>
      <Loaded of={settings}>
        {(given) => <SettingsForm settings={given} onSaved={settings.set} />}
      </Loaded>
      <FaceSection school={settings.value?.name ?? ""} />
      <SecondFactorSection />
    </OfficePage>
  );
}

type Values = SchoolValues & {
  readonly retention_days: string;
  readonly parents_invite: ParentsInvite;
  readonly reminds: boolean;
};

/** Whether parents may invite other parents (DIR-6). */
const PARENTS: readonly (readonly [ParentsInvite, TextKey])[] = [
  ["never", "settings_parents_never"],
  ["approved", "settings_parents_approved"],
  ["always", "settings_parents_always"],
];

type FormProps = {
  readonly settings: SchoolSettings;
  readonly onSaved: (now: SchoolSettings) => void;
};

function SettingsForm({ settings, onSaved }: FormProps) {
  const { api, schoolChanged } = useOffice();
  const text = useText();
  const { replace } = useNavigation();
  const { meanwhile, save } = useMeanwhile();
  const form = useForm<Values, SchoolSettings>({
    initial: {
      school: settings.name,
      time_zone: settings.time_zone,
      contact_email: settings.contact.email,
      contact_phone: settings.contact.phone,
      retention_days: String(settings.retention_days),
      parents_invite: settings.parents_invite ?? "approved",
      reminds: settings.reminds ?? false,
    },
    check: (values) => problemsOf(values, text),
    names: { name: "school", email: "contact_email", phone: "contact_phone" },
    send: (values) => {
      const { school, time_zone, contact_email, contact_phone, retention_days } = values;
      const { parents_invite, reminds } = values;
      const draft = {
        name: school.trim(),
        contact: { email: contact_email.trim(), phone: contact_phone.trim() },
        time_zone,
        retention_days: Number(retention_days),
        parents_invite,
        reminds,
      };
      return save({
        version: settings.version,
        save: (version) => api.saveSettings({ ...draft, ...of(version) }),
        load: () => api.settings(),
        compare: (now) => ({
          changed: [
            ...differences(text, [
              ["setup_school", settings.name, now.name],
              ["settings_email", settings.contact.email, now.contact.email],
              ["settings_phone", settings.contact.phone, now.contact.phone],
              ["evening_zone", settings.time_zone, now.time_zone],
              ["settings_parents", settings.parents_invite ?? "", now.parents_invite ?? ""],
              ["settings_retention", String(settings.retention_days), String(now.retention_days)],
            ]),
            ...((settings.reminds ?? false) === (now.reminds ?? false)
              ? []
              : [text("settings_reminds")]),
          ],
          version: now.version,
        }),
      });
    },
    done: (now) => {
      // Saved once more, it is not somebody else who changed it.
      onSaved(now);
      schoolChanged();
      replace("settings", text("settings_saved"));
    },
  });
  return (
    <FormView form={form} action={text("save")}>
      <MeanwhileNote meanwhile={meanwhile.value} />
      <SchoolFields form={form} />
      <TextField
        form={form}
        name="retention_days"
        type="number"
        label={text("settings_retention")}
        hint={text("settings_retention_hint")}
      />
      <Radios
        name="parents_invite"
        legend={text("settings_parents")}
        choices={PARENTS.map(([value, label]) => ({ value, label: text(label) }))}
        chosen={form.values.parents_invite}
        onChange={(chosen) => form.set("parents_invite", chosen as ParentsInvite)}
      />
      <Tick
        name="reminds"
        label={text("settings_reminds")}
        hint={text("settings_reminds_hint")}
        on={form.values.reminds}
        onChange={(on) => form.set("reminds", on)}
      />
    </FormView>
  );
}

function problemsOf(values: Values, text: Text): Problems<Values> {
  const days = Number(values.retention_days);
  const fits = Number.isInteger(days) && days >= SHORTEST_RETENTION && days <= LONGEST_RETENTION;
  return {
    ...schoolProblems(values, text),
    ...(fits
      ? {}
      : {
          retention_days: text("settings_retention_wrong", {
            least: SHORTEST_RETENTION,
            most: LONGEST_RETENTION,
          }),
        }),
  };
}
