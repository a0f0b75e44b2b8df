// For a teacher in a call: who comes next, and the line that only they read.

import { press, useApp } from "../app";
import { askTeacher, type Link } from "../http/links";
import type { TeacherAppointment } from "../wire/messages";
import { Following, followingOf, isOfFamily, whoIsHere } from "./glance";
import { OwnLine } from "./own-line";
import { useResource } from "./resource";

/** How often it is looked at, while somebody looks at the page. */
const LOOK_EVERY_MS = 10_000;

export function UpNext({ link }: { readonly link: Link }) {
  const { changes, state, text } = useApp();
  const { meeting } = state.value;
  const list = useResource(() => askTeacher(link), [link, changes.value, meeting], LOOK_EVERY_MS);
  if (list.value === null) {
    return null;
  }
  const { appointments, evening } = list.value;
  const current = appointments.find(({ appointment }) => appointment.meeting === meeting);
  // Where the page is now comes next for nobody, however early the teacher is.
  const others = appointments.filter((one) => one !== current);
  const next = followingOf({ ...list.value, appointments: others });
  if (current === undefined && next === undefined) {
    return null;
  }
  return (
    <>
      <GoOn next={next} />
      <details class="up-next">
        <summary>
          {next === undefined ? (
            text("line_label", { student: current?.appointment.student ?? "" })
          ) : (
            <>
              {text("glance_next_is")} <Following one={next} zone={evening.time_zone} />
            </>
          )}
        </summary>
        {current !== undefined && (
          <OwnLine key={current.appointment.id} link={link} one={current} onSaved={list.reload} />
        )}
      </details>
    </>
  );
}

/**
 * The next family waits: by one press out of this talk and into theirs. Not while this family is still in
 * it and has time: whoever presses it leaves them alone.
 */
function GoOn({ next }: { readonly next: TeacherAppointment | undefined }) {
  const app = useApp();
  const { phase } = app.state.value;
  // From the first warning on the last minute runs.
  const isFree =
    phase.type === "call" &&
    (phase.clock?.warned != null || !phase.people.some(({ role }) => isOfFamily(role)));
  const name = next?.appointment.joinable === true ? whoIsHere(next) : undefined;
  const isOffered = isFree && name !== undefined;
  const go = () => {
    app.report({ type: "leave_pressed" });
    press(app, next?.appointment.meeting);
  };
  // The region stands before there is anything to tell: a screen reader hears what comes into one.
  return (
    <div class={isOffered ? "banner" : "visually-hidden"}>
      <div role="status">{isOffered && <p>{app.text("up_next_waits", { name })}</p>}</div>
      {isOffered && (
        <button type="button" class="secondary" onClick={go}>
          {app.text("up_next_go")}
        </button>
      )}
    </div>
  );
}
