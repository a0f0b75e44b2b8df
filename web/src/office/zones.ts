// The time zones to choose from: those the browser knows.

import type { Choice } from "../parts/choices";

/** The one in use is always among them. */
export function zones(inUse: string): readonly Choice[] {
  const known = Intl.supportedValuesOf("timeZone");
  const all = known.includes(inUse) || inUse === "" ? known : [inUse, ...known];
  return all.map((zone) => ({ value: zone, label: zone.replaceAll("_", " ") }));
}
