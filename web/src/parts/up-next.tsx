// For a teacher in a call: who comes next, and the line that only they read.

import { press, useApp } from "../app";
import { askTeacher, type Link } from "../http/links";
import type { TeacherAppointment } from "../wire/messages";
import { Following, followingOf, isWaitedFor } from "./glance";
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
  const following = followingOf(list.value);
  const next = following === current ? undefined : following;
  if (current === undefined && next === undefined) {
    return null;
  }
  return (
    <>
      {next !== undefined && isWaitedFor(next) && <GoOn next={next} />}
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

/** The next family waits: by one press out of this talk and into theirs. */
function GoOn({ next }: { readonly next: TeacherAppointment }) {
  const app = useApp();
  const { appointment, parent } = next;
  const go = () => {
    app.report({ type: "leave_pressed" });
    press(app, appointment.meeting);
  };
  return (
    <div class="banner">
      <p>{app.text("up_next_waits", { parent })}</p>
      <button type="button" class="secondary" onClick={go}>
        {app.text("up_next_go")}
      </button>
    </div>
  );
}
