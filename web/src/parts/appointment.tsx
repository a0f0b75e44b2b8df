// One appointment: when, with whom, about whom.

import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import { press, pressBare, useApp } from "../app";
import { useLanguage, useText } from "../text/context";
import type { Language, TextKey } from "../text/text";
import { type Times, timesBesides, timesIn } from "../text/times";
import type { Appointment } from "../wire/messages";
import { ExpectedNote } from "./expected-note";
import { GroundRules, useJoinDescribed } from "./ground-rules";
import { useWait } from "./join-notice";
import { MediaCheck } from "./media-check";
import { useNames } from "./names";

export function useTimes(zone: string): Times {
  const { locale } = useLanguage();
  return timesIn(locale, zone);
}

/** Those of the evening, with the reader's own beside them where their clock shows another. */
export function useReadersTimes(zone: string): Times {
  return readersTimes(useLanguage(), zone);
}

export function readersTimes({ locale, text }: Language, zone: string): Times {
  return timesBesides(locale, zone, (time, own) => text("times_yours", { time, own }));
}

type Props = {
  readonly appointment: Appointment;
  readonly zone: string;
  /** Further facts, below the first ones. */
  readonly children?: ComponentChildren;
  /** What can be done with it, beside Join; each is described by the element of the id given. */
  readonly actions?: (describedBy: string) => ComponentChildren;
  /** Whether Join is offered here. */
  readonly joins: boolean;
  /** Whether it is the one to look at: it is now, or the next. */
  readonly first: boolean;
};

/** A card in a list of appointments. */
export function AppointmentCard({ appointment, zone, children, actions, joins, first }: Props) {
  const text = useText();
  const names = useNames();
  const times = useReadersTimes(zone);
  const id = useId();
  const about = useId();
  const { starts, ends, student, subject, teachers, phase, joinable } = appointment;
  // What the others will see stands above the button by which they will.
  const showsMedia = joins && first && joinable;
  const classes = [first && phase !== "over" && "now", showsMedia && "with-media"];
  return (
    <li class={classes.filter(Boolean).join(" ") || undefined} data-appointment={appointment.id}>
      <div class="particulars">
        <h3 class="when" id={id}>
          {times.span(starts, ends)} <PhaseTag appointment={appointment} />
        </h3>
        <p id={about}>{text("appointment_with", { teachers: names(teachers), subject })}</p>
        <p>{text("appointment_about", { student })}</p>
        {children}
        {joins && <ExpectedNote appointment={appointment} />}
        {joins && !joinable && phase !== "over" && (
          <p class="hint">{text("appointment_opens", { time: times.time(appointment.opens) })}</p>
        )}
        {showsMedia && <GroundRules />}
      </div>
      {showsMedia && <MediaCheck inCard />}
      {((joins && joinable) || actions !== undefined) && (
        <div class="actions">
          {joins && joinable && (
            <Join appointment={appointment} describedBy={`${id} ${about}`} first={first} />
          )}
          {actions?.(`${id} ${about}`)}
        </div>
      )}
    </li>
  );
}

function PhaseTag({ appointment: { phase, outcome } }: { readonly appointment: Appointment }) {
  const text = useText();
  switch (phase) {
    case "now":
      return <span class="tag good">{text("appointment_now")}</span>;
    case "over":
      return <span class="tag">{text(endOf(outcome))}</span>;
    case "upcoming":
    case "unknown":
      return null;
  }
}

/** What became of one that is over, where that is known. */
function endOf(outcome: Appointment["outcome"]): TextKey {
  return outcome === undefined || outcome === "unknown"
    ? "appointment_over"
    : `appointment_${outcome}`;
}

type JoinProps = {
  readonly appointment: Appointment;
  readonly describedBy: string;
  readonly first: boolean;
};

function Join({ appointment, describedBy, first }: JoinProps) {
  const app = useApp();
  const text = useText();
  const seconds = useWait();
  const wait = useId();
  const described = useJoinDescribed(describedBy, ...(seconds > 0 ? [wait] : []));
  return (
    <>
      <button
        type="button"
        class={first ? "primary" : "secondary"}
        aria-describedby={described}
        aria-disabled={seconds > 0}
        onClick={() => seconds === 0 && press(app, appointment.meeting)}
      >
        {text("join_button")}
      </button>
      <button
        type="button"
        class="secondary"
        aria-describedby={described}
        aria-disabled={seconds > 0}
        onClick={() => seconds === 0 && pressBare(app, appointment.meeting)}
      >
        {text("join_bare")}
      </button>
      {seconds > 0 && (
        <span id={wait} class="hint">
          {text("join_wait", { seconds })}
        </span>
      )}
    </>
  );
}

/** The first that is not over: it is now, or the next. */
export function nextOf(appointments: readonly Appointment[]): string | null {
  return appointments.find(({ phase }) => phase !== "over")?.id ?? null;
}
