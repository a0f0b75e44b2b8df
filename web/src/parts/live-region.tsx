// Tells a screen reader what happens, politely.

import { useEffect } from "preact/hooks";
import { useApp } from "../app";
import type { Announcement } from "../session/people";
import type { Text } from "../text/text";
import { tellHidden } from "./attention";
import { namesIn } from "./names";

export function LiveRegion() {
  const { said, text } = useApp();
  const last = said.value.at(-1);
  useEffect(() => {
    if (last !== undefined) {
      tellHidden(last.what, wordsOf(last.what, text));
    }
  }, [last, text]);
  return (
    <div role="status" aria-live="polite" aria-atomic={false} class="visually-hidden">
      {said.value.map(({ number, what }) => (
        <p key={number}>{wordsOf(what, text)}</p>
      ))}
    </div>
  );
}

function wordsOf(what: Announcement, text: Text): string {
  switch (what.type) {
    case "you_joined":
      return text("said_you_joined", { others: what.others });
    case "place":
      return text("said_place", { place: what.place });
    case "reconnecting":
      return text("said_reconnecting");
    case "reconnected":
      return text("said_reconnected");
    case "pictures_paused":
      return text("said_pictures_paused");
    case "pictures_back":
      return text("said_pictures_back");
    case "own_screen":
      return text(what.shared ? "call_screen_yours" : "said_own_screen_stopped");
    case "can_join":
      return text("said_can_join", { subject: what.subject, student: what.student });
    case "school_there":
      return text("expected_there", {
        teachers: namesIn(what.teachers, document.documentElement.lang),
        count: what.teachers.length,
      });
    case "goes_on":
      return text("goes_on_title");
    case "time_left":
      return text("said_time_left", { seconds: what.seconds });
    case "minute_added":
      return what.name === null
        ? text("said_minute_added_you")
        : text("said_minute_added", { name: what.name });
    case "time_given_back":
      return text("said_time_given_back", { minutes: what.minutes });
    case "muted":
      return text("call_muted_by", { name: what.name });
    case "knocks":
      return text("said_knocks", { name: what.name });
    case "countdown":
      return countdownWords(what, text);
    case "on_hold":
      return holdWords(what, text);
    case "let_in_soon":
      return text("queue_knock_title");
    case "written":
      return text("said_written", { name: what.name, text: what.text });
    case "over":
      return text(`over_${what.why}_title`);
    case "person_joined":
    case "person_left":
    case "person_reconnecting":
    case "person_back":
    case "screen_started":
    case "screen_stopped":
      return text(`said_${what.type}`, { name: what.name });
  }
}

type Told<T extends Announcement["type"]> = Extract<Announcement, { type: T }>;

function holdWords({ held, name }: Told<"on_hold">, text: Text): string {
  if (name === null) {
    return text(held ? "call_on_hold_title" : "said_off_hold_you");
  }
  return text(held ? "said_on_hold" : "said_off_hold", { name });
}

function countdownWords({ minutes }: Told<"countdown">, text: Text): string {
  return minutes === null ? text("said_member_came") : text("countdown_text", { minutes });
}
