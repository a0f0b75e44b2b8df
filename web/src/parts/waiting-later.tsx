// What is known of those who wait, and their place in line, comes after the page: nobody needs it first.

import type { ComponentProps } from "preact";
import { useEffect } from "preact/hooks";
import { useApp } from "../app";
import { isEarly } from "../session/state";
import { later, useSoon } from "./later";
import type { Glance, OwnLine, Standing } from "./waiting-part";

const part = later(() => import("./waiting-part"));

/** For whoever waits for an appointment. */
export function StandingWhenHere(props: ComponentProps<typeof Standing>) {
  useSoon(part);
  const here = part.part.value;
  return here === null ? null : <here.Standing {...props} />;
}

/** It takes seconds to tell, and keeps out of the way of all that does not. */
const LINE_AFTER_MS = 1_000;

/** For whoever has a connection before the press. */
export function LineNoteWhenHere() {
  const { state } = useApp();
  const isReady = isEarly(state.value) && state.value.peer?.health === "connected";
  useEffect(() => {
    if (!isReady) {
      return;
    }
    const timer = setTimeout(() => void part.fetch(), LINE_AFTER_MS);
    return () => clearTimeout(timer);
  }, [isReady]);
  const here = part.part.value;
  return here === null ? null : <here.LineNote />;
}

/** For a teacher, above their list. */
export function GlanceWhenHere(props: ComponentProps<typeof Glance>) {
  useSoon(part);
  const here = part.part.value;
  return here === null ? null : <here.Glance {...props} />;
}

/** For a teacher, beside an appointment. */
export function OwnLineWhenHere(props: ComponentProps<typeof OwnLine>) {
  useSoon(part);
  const here = part.part.value;
  return here === null ? null : <here.OwnLine {...props} />;
}

/** For a teacher, in a call. */
export function UpNextWhenHere() {
  const { link, state } = useApp();
  const { view } = state.value;
  const isTeacher = view?.role === "teacher" && view.evening !== undefined;
  useSoon(part, isTeacher);
  const here = part.part.value;
  return here === null || !isTeacher || link === null ? null : <here.UpNext link={link} />;
}
