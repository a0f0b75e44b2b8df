// Times that parents are told as well: in the school's zone, and beside each the reader's own where that is another.

import { useResource } from "../parts/resource";
import { useLanguage, useText } from "../text/context";
import { ownZone, type Times, timesBesides } from "../text/times";
import { useOffice } from "./office";

/** Nothing until the school's zone is known. */
export function useSchoolTimes(): Times | null {
  const { api } = useOffice();
  const settings = useResource(() => api.settings(), []);
  const zone = settings.value?.time_zone ?? (settings.trouble === null ? null : ownZone());
  const times = useTimesOf(zone ?? ownZone());
  return zone === null ? null : times;
}

export function useTimesOf(zone: string): Times {
  const text = useText();
  const { locale } = useLanguage();
  return timesBesides(locale, zone, (time, own) => text("times_yours", { time, own }));
}
