// Between the clock on a school's wall and an instant.

/** The date and time on the wall of `zone`: `["2026-11-26", "17:10"]`. */
export function wallOf(instant: string, zone: string): readonly [date: string, time: string] {
  const parts = new Intl.DateTimeFormat("en-CA", {
    timeZone: zone,
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
  }).formatToParts(new Date(instant));
  const part = (name: Intl.DateTimeFormatPartTypes) =>
    parts.find(({ type }) => type === name)?.value ?? "";
  return [`${part("year")}-${part("month")}-${part("day")}`, `${part("hour")}:${part("minute")}`];
}

/** The instant at which the wall of `zone` shows this; `null` where it never does. */
export function instantOf(date: string, time: string, zone: string): string | null {
  const wanted = Date.parse(`${date}T${time}:00Z`);
  if (Number.isNaN(wanted)) {
    return null;
  }
  // Zones are at most a day away from UTC; the second round is right beside a change of the clocks.
  let guess = wanted;
  for (let round = 0; round < 2; round += 1) {
    const [day, clock] = wallOf(new Date(guess).toISOString(), zone);
    guess += wanted - Date.parse(`${day}T${clock}:00Z`);
  }
  const instant = new Date(guess).toISOString().replace(".000Z", "Z");
  const [day, clock] = wallOf(instant, zone);
  return day === date && clock === time ? instant : null;
}
