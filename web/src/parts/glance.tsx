// A teacher's evening in three lines: who waits, who is next, and how late it is.

import { Fragment } from "preact";
import { useLanguage, useText } from "../text/context";
import { timesIn } from "../text/times";
import type { TeacherAppointment, TeacherView } from "../wire/messages";

const MINUTE_MS = 60_000;

export function Glance({ view }: { readonly view: TeacherView }) {
  const text = useText();
  const waiting = waitingOf(view.appointments);
  const next = followingOf(view);
  const minutes = Math.floor((view.late_ms ?? 0) / MINUTE_MS);
  return (
    <dl class="facts glance">
      <div>
        <dt>{text("glance_waiting")}</dt>
        <dd>{waiting.length === 0 ? text("glance_nobody") : <Names of={waiting} />}</dd>
      </div>
      <div>
        <dt>{text("glance_next")}</dt>
        <dd>
          {next === undefined ? (
            text("glance_none")
          ) : (
            <Following one={next} zone={view.evening.time_zone} />
          )}
        </dd>
      </div>
      <div>
        <dt>{text("glance_time")}</dt>
        <dd>{minutes === 0 ? text("glance_on_time") : text("expected_late", { minutes })}</dd>
      </div>
    </dl>
  );
}

/** Each in its own direction, joined as the reader's language joins names. */
function Names({ of }: { readonly of: readonly string[] }) {
  const { locale } = useLanguage();
  const parts = new Intl.ListFormat(locale, { type: "conjunction" }).formatToParts(of);
  return (
    <>
      {parts.map(({ type, value }, at) => (
        <Fragment key={at}>{type === "element" ? <bdi>{value}</bdi> : value}</Fragment>
      ))}
    </>
  );
}

type FollowingProps = { readonly one: TeacherAppointment; readonly zone: string };

/** When, who, about whom, and whether they are here. */
export function Following({ one: { appointment, parent, present }, zone }: FollowingProps) {
  const text = useText();
  const { locale } = useLanguage();
  const isHere = present.some(({ role }) => isOfFamily(role));
  const { starts, student } = appointment;
  return (
    <>
      {text("glance_following", { time: timesIn(locale, zone).time(starts), parent, student })}{" "}
      <span class={isHere ? "tag good" : "tag"}>
        {text(isHere ? "presence_here" : "glance_not")}
      </span>
    </>
  );
}

const isOfFamily = (role: TeacherAppointment["present"][number]["role"]) =>
  role === "parent" || role === "guest";

/** Those of families who are there while nobody of the school is with them. */
function waitingOf(appointments: readonly TeacherAppointment[]): string[] {
  return appointments
    .filter(({ appointment }) => appointment.phase !== "over")
    .filter(({ present }) => present.every(({ role }) => isOfFamily(role)))
    .flatMap(({ present }) => present.map(({ name }) => name));
}

/** Whether the family is there, and can be joined. */
export function isWaitedFor({ appointment, present }: TeacherAppointment): boolean {
  return appointment.joinable && present.some(({ role }) => isOfFamily(role));
}

/** The first that has not begun. */
export function followingOf({ appointments }: TeacherView): TeacherAppointment | undefined {
  return appointments.find(({ appointment }) => appointment.phase === "upcoming");
}
