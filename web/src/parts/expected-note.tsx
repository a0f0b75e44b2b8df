// How it stands with the school, for whoever waits: the truth, and who is meant by it.

import { useApp } from "../app";
import type { Appointment } from "../wire/messages";
import { useNames } from "./names";
import { useEvery } from "./resource";
import { StandingWhenHere } from "./waiting-later";

/** How often it is looked at, while somebody looks at the page. */
const LOOK_EVERY_MS = 10_000;
const MINUTE_MS = 60_000;

/** Of the appointment that is now or next, once it is near. */
export function ExpectedNote({ appointment }: { readonly appointment: Appointment }) {
  const { link, lookAgain, state, text } = useApp();
  const names = useNames();
  const { phase, view } = state.value;
  const expected = view?.expected;
  const isMeant = expected?.meeting === appointment.meeting;
  // In a call nothing else asks what the link is for now.
  useEvery(isMeant || phase.type === "call" ? LOOK_EVERY_MS : undefined, lookAgain);
  if (!isMeant || expected.school === "unknown") {
    return null;
  }
  const minutes = Math.floor(expected.late_ms / MINUTE_MS);
  const teachers = names(appointment.teachers);
  const count = appointment.teachers.length;
  return (
    <>
      <p class={expected.school === "there" ? "note good" : "note"}>
        {text(`expected_${expected.school}`, { teachers, count })}{" "}
        {minutes > 0 && <span>{text("expected_late", { minutes })}</span>}
      </p>
      {phase.type === "join" && link !== null && (
        <StandingWhenHere link={link} expected={expected} />
      )}
    </>
  );
}
