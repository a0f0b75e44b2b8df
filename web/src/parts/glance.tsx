// A teacher's evening in three lines: who waits, who is next, and how late it is.

import { Fragment } from "preact";
import { useLanguage, useText } from "../text/context";
import { timesIn } from "../text/times";
import type { Role, TeacherAppointment, TeacherView } from "../wire/messages";

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
export function Following({ one, zone }: FollowingProps) {
  const text = useText();
  const { locale } = useLanguage();
  const { appointment } = one;
  const isHere = whoIsHere(one) !== undefined;
  const parent = whoIsHere(one) ?? one.parent;
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

/** Whether somebody of that role comes with a family. */
export const isOfFamily = (role: Role) => role === "parent" || role === "guest";

/** Those of families who are there while nobody of the school is with them. */
function waitingOf(appointments: readonly TeacherAppointment[]): string[] {
  return appointments
    .filter(({ appointment }) => appointment.phase !== "over")
    .filter(({ present }) => present.every(({ role }) => isOfFamily(role)))
    .flatMap(({ present }) => present.map(({ name }) => name));
}

/** Who of the family is there: the parent before a guest; `undefined` for nobody. */
export function whoIsHere({ present }: TeacherAppointment): string | undefined {
  const family = present.filter(({ role }) => isOfFamily(role));
  return (family.find(({ role }) => role === "parent") ?? family[0])?.name;
}

/** The first that has not begun. */
export function followingOf({ appointments }: TeacherView): TeacherAppointment | undefined {
  return appointments.find(({ appointment }) => appointment.phase === "upcoming");
}
