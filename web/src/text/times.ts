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

/** The zone of the clock on the reader's wall. */
export function ownZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/**
 * The same times, and beside each the reader's own as `yours` puts it, where their clock shows
 * another; with the day, where it is another day there.
 */
export function timesBesides(
  tag: string,
  zone: string,
  yours: (time: string, own: string) => string,
  own = ownZone(),
): Times {
  const times = timesIn(tag, zone);
  const timeZone = knownZone(own);
  const hour = hourIn(tag);
  const short = new Intl.DateTimeFormat(tag, { timeZone, hour, minute: "2-digit" });
  const long = new Intl.DateTimeFormat(tag, { timeZone, weekday: "long", hour, minute: "2-digit" });
  const beside = (start: string, end: string, time: string) => {
    if (!differsFrom(zone, start, own)) {
      return time;
    }
    const format = isSameDay(zone, start, own) ? short : long;
    return yours(time, format.formatRange(new Date(start), new Date(end)));
  };
  return {
    ...times,
    time: (instant) => beside(instant, instant, times.time(instant)),
    span: (start, end) => beside(start, end, times.span(start, end)),
    moment: (instant) => beside(instant, instant, times.moment(instant)),
  };
}

/** A clock of 24 hours is written "07:45", alone as in a span; one of 12 hours "7:45 AM". */
function hourIn(tag: string): "2-digit" | "numeric" {
  const { hourCycle } = new Intl.DateTimeFormat(tag, { hour: "numeric" }).resolvedOptions();
  return hourCycle === "h23" ? "2-digit" : "numeric";
}

/** Whether the clock on the reader's wall shows something else at that moment. */
export function differsFrom(zone: string, instant: string, own = ownZone()): boolean {
  return wall(zone, instant, "short") !== wall(own, instant, "short");
}

function isSameDay(zone: string, instant: string, own: string): boolean {
  return wall(zone, instant) === wall(own, instant);
}

/** What calendar and clock show in a zone, to compare. */
function wall(zone: string, instant: string, timeStyle?: "short"): string {
  const timeZone = knownZone(zone);
  return new Intl.DateTimeFormat("en", { timeZone, dateStyle: "short", timeStyle }).format(
    new Date(instant),
  );
}

/** A zone that this browser does not know is shown in UTC rather than not at all. */
function knownZone(zone: string): string {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: zone }).resolvedOptions().timeZone;
  } catch {
    return "UTC";
  }
}
