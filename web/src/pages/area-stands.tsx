// How it stands in a waiting area: with those who take callers, and how long others waited (WAIT-1).

import { useReadersTimes } from "../parts/appointment";
import { useText } from "../text/context";
import type { Text } from "../text/text";
import type { Times } from "../text/times";
import type { AreaProvider, AreaView } from "../wire/messages";

type Props = { readonly area: AreaView };

export function AreaStands({ area: { providers = [], waited_minutes, time_zone } }: Props) {
  const text = useText();
  const times = useReadersTimes(time_zone);
  return (
    <div role="status">
      {providers.map((one) => (
        <p key={one.name}>{standsWith(one, text, times)}</p>
      ))}
      {waited_minutes !== undefined && <p>{text("area_waited", { minutes: waited_minutes })}</p>}
    </div>
  );
}

/** Away comes first, and who is late may be with somebody as well. */
function standsWith(
  { name, busy, late_minutes: minutes, away_until: until }: AreaProvider,
  text: Text,
  times: Times,
): string {
  if (until !== undefined) {
    const today = times.date(until) === times.date(new Date().toISOString());
    const time = today ? times.time(until) : times.moment(until);
    return text("area_provider_away", { name, time });
  }
  return [
    ...(busy === true ? [text("area_provider_busy", { name })] : []),
    ...(minutes === undefined ? [] : [text("area_provider_late", { name, minutes })]),
  ].join(" ");
}
