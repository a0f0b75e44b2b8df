// The time zones to choose from: those the browser knows.

import { type Choice, SelectField } from "../parts/choices";
import type { Typed } from "../parts/text-field";
import { useText } from "../text/context";

/** The zone of a school or an evening. */
export function ZoneField({ form }: { readonly form: Typed<"time_zone"> }) {
  const text = useText();
  return (
    <SelectField
      form={form}
      name="time_zone"
      label={text("evening_zone")}
      choices={zones(form.values.time_zone)}
    />
  );
}

/** The one in use is always among them; browsers that keep no list (Chrome before 99) offer that alone. */
function zones(inUse: string): readonly Choice[] {
  const known: readonly string[] = Intl.supportedValuesOf?.("timeZone") ?? [];
  const all = known.includes(inUse) || inUse === "" ? known : [inUse, ...known];
  return all.map((zone) => ({ value: zone, label: zone.replaceAll("_", " ") }));
}
