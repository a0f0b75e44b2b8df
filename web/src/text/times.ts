// Moments in the words of the reader's language, always in a time zone that is named.

export type Times = {
  /** "Thursday 26 November 2026" */
  readonly date: (instant: string) => string;
  /** "17:10" */
  readonly time: (instant: string) => string;
  /** "17:10 to 17:20" */
  readonly span: (start: string, end: string) => string;
  /** "Thursday 26 November at 17:10" */
  readonly moment: (instant: string) => string;
  /** "26 Nov 2026, 17:10:05" */
  readonly stamp: (instant: string) => string;
  /** The zone's name at that moment: "Central European Standard Time". */
  readonly zoneName: (instant: string) => string;
};

/** Instants are RFC 3339 texts; `zone` is a name of the IANA data base. */
export function timesIn(tag: string, zone: string): Times {
  const timeZone = knownZone(zone);
  const date = new Intl.DateTimeFormat(tag, {
    timeZone,
    weekday: "long",
    day: "numeric",
    month: "long",
    year: "numeric",
  });
  const hour = hourIn(tag);
  const time = new Intl.DateTimeFormat(tag, { timeZone, hour, minute: "2-digit" });
  const moment = new Intl.DateTimeFormat(tag, {
    timeZone,
    weekday: "long",
    day: "numeric",
    month: "long",
    hour,
    minute: "2-digit",
  });
  const stamp = new Intl.DateTimeFormat(tag, {
    timeZone,
    dateStyle: "medium",
    timeStyle: "medium",
  });
  const name = new Intl.DateTimeFormat(tag, { timeZone, timeZoneName: "long" });
  return {
    date: (instant) => date.format(new Date(instant)),
    time: (instant) => time.format(new Date(instant)),
    span: (start, end) => time.formatRange(new Date(start), new Date(end)),
    moment: (instant) => moment.format(new Date(instant)),
    stamp: (instant) => stamp.format(new Date(instant)),
    zoneName: (instant) =>
      name.formatToParts(new Date(instant)).find(({ type }) => type === "timeZoneName")?.value ??
      timeZone,
  };
}

/** A clock of 24 hours is written "07:45", alone as in a span; one of 12 hours "7:45 AM". */
function hourIn(tag: string): "2-digit" | "numeric" {
  const { hourCycle } = new Intl.DateTimeFormat(tag, { hour: "numeric" }).resolvedOptions();
  return hourCycle === "h23" ? "2-digit" : "numeric";
}

/** Whether the clock on the reader's wall shows something else at that moment. */
export function differsFrom(
  zone: string,
  instant: string,
  own = Intl.DateTimeFormat().resolvedOptions().timeZone,
): boolean {
  const at = new Date(instant);
  const wall = (timeZone: string) =>
    new Intl.DateTimeFormat("en", { timeZone, dateStyle: "short", timeStyle: "short" }).format(at);
  return wall(knownZone(zone)) !== wall(knownZone(own));
}

/** A zone that this browser does not know is shown in UTC rather than not at all. */
function knownZone(zone: string): string {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: zone }).resolvedOptions().timeZone;
  } catch {
    return "UTC";
  }
}
