// The school: its name, whom people ask for help, and how long personal data is kept.

import { useNavigation } from "../navigation";
import { SelectField } from "../parts/choices";
import { FormView, type Problems, useForm } from "../parts/form";
import { Loaded, useResource } from "../parts/resource";
import { TextField } from "../parts/text-field";
import { useText } from "../text/context";
import type { Text } from "../text/text";
import {
  LONGEST_ADDRESS,
  LONGEST_NAME,
  LONGEST_RETENTION,
  SHORTEST_RETENTION,
} from "../wire/limits";
import type { SchoolSettings } from "../wire/messages";
import { useOffice } from "./office";
import { OfficePage } from "./office-page";
import { zones } from "./zones";

export function SettingsPage() {
  const { api } = useOffice();
  const text = useText();
  const settings = useResource(() => api.settings(), [api]);
  return (
    <OfficePage name="settings" heading={text("office_settings")}>
      <Loaded of={settings}>{(given) => <SettingsForm settings={given} />}</Loaded>
    </OfficePage>
  );
}

type Values = {
  readonly name: string;
  readonly email: string;
  readonly phone: string;
  readonly time_zone: string;
  readonly retention_days: string;
};

function SettingsForm({ settings }: { readonly settings: SchoolSettings }) {
  const { api, schoolChanged } = useOffice();
  const text = useText();
  const { replace } = useNavigation();
  const form = useForm<Values, SchoolSettings>({
    initial: {
      name: settings.name,
      email: settings.contact.email,
      phone: settings.contact.phone,
      time_zone: settings.time_zone,
      retention_days: String(settings.retention_days),
    },
    check: (values) => problemsOf(values, text),
    send: ({ name, email, phone, time_zone, retention_days }) =>
      api.saveSettings({
        name: name.trim(),
        contact: { email: email.trim(), phone: phone.trim() },
        time_zone,
        retention_days: Number(retention_days),
      }),
    done: () => {
      schoolChanged();
      replace("settings", text("settings_saved"));
    },
  });
  const { values, set } = form;
  return (
    <FormView form={form} action={text("save")}>
      <TextField
        name="name"
        label={text("setup_school")}
        value={values.name}
        onChange={(name) => set("name", name)}
        maxLength={LONGEST_NAME}
      />
      <TextField
        name="email"
        type="email"
        label={text("settings_email")}
        hint={text("settings_email_hint")}
        value={values.email}
        onChange={(email) => set("email", email)}
        maxLength={LONGEST_ADDRESS}
      />
      <TextField
        name="phone"
        label={text("settings_phone")}
        value={values.phone}
        onChange={(phone) => set("phone", phone)}
        maxLength={LONGEST_NAME}
        size={20}
      />
      <SelectField
        name="time_zone"
        label={text("evening_zone")}
        choices={zones(values.time_zone)}
        chosen={values.time_zone}
        onChange={(zone) => set("time_zone", zone)}
      />
      <TextField
        name="retention_days"
        type="number"
        label={text("settings_retention")}
        hint={text("settings_retention_hint")}
        value={values.retention_days}
        onChange={(days) => set("retention_days", days)}
      />
    </FormView>
  );
}

function problemsOf({ name, retention_days }: Values, text: Text): Problems<Values> {
  const days = Number(retention_days);
  const fits = Number.isInteger(days) && days >= SHORTEST_RETENTION && days <= LONGEST_RETENTION;
  return {
    ...(name.trim() === "" ? { name: text("setup_school_missing") } : {}),
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
