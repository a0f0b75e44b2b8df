// Which evening a page is about: its school, name and day, and the zone its times are in.

import { useLanguage, useText } from "../text/context";
import { differsFrom, ownZone, timesIn } from "../text/times";
import type { EveningView } from "../wire/messages";
import { useTimes } from "./appointment";

export function EveningCaption({ evening }: { readonly evening: EveningView }) {
  const { school, name, starts } = evening;
  const times = useTimes(evening.time_zone);
  const text = useText();
  return (
    <>
      <p class="caption">
        {school !== "" && <>{school}: </>}
        {name}
        <br />
        {times.date(starts)}
      </p>
      {evening.cancelled !== undefined && <CancelledNote words={evening.cancelled} />}
      {evening.is_over === true && evening.cancelled === undefined && (
        <p class="note">{text("evening_is_over")}</p>
      )}
    </>
  );
}

/** With the school's own words, where there are some. */
export function CancelledNote({ words }: { readonly words: string }) {
  const text = useText();
  return (
    <div class="note warning" role="status">
      <p>{text("evening_is_cancelled")}</p>
      {words !== "" && <p class="said">{words}</p>}
    </div>
  );
}

/** Which zones the times are in: said only where the reader's own clock shows another time. */
export function ZoneNote({ evening }: { readonly evening: EveningView }) {
  const { locale, text } = useLanguage();
  const times = useTimes(evening.time_zone);
  if (!differsFrom(evening.time_zone, evening.starts)) {
    return null;
  }
  const own = timesIn(locale, ownZone());
  return (
    <p class="hint">
      {text("times_zone", {
        zone: times.zoneName(evening.starts),
        own: own.zoneName(evening.starts),
      })}
    </p>
  );
}
