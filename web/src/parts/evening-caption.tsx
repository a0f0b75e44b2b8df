// Which evening a page is about: its school, name and day, and the zone its times are in.

import { useText } from "../text/context";
import { differsFrom } from "../text/times";
import type { EveningView } from "../wire/messages";
import { useTimes } from "./appointment";

export function EveningCaption({ evening }: { readonly evening: EveningView }) {
  const { school, name, starts } = evening;
  const times = useTimes(evening.time_zone);
  return (
    <p class="caption">
      {school !== "" && <>{school}: </>}
      {name}
      <br />
      {times.date(starts)}
    </p>
  );
}

/** Said only where the reader's own clock shows another time. */
export function ZoneNote({ evening }: { readonly evening: EveningView }) {
  const text = useText();
  const times = useTimes(evening.time_zone);
  if (!differsFrom(evening.time_zone, evening.starts)) {
    return null;
  }
  return <p class="hint">{text("times_zone", { zone: times.zoneName(evening.starts) })}</p>;
}
