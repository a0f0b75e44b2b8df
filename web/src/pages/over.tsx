// The end, whichever it was: what happened, and what can be done.

import type { ComponentChildren } from "preact";
import { press, useApp } from "../app";
import { SECRET_LENGTH } from "../http/links";
import { CopyLink } from "../parts/copy-link";
import { LinkEntry } from "../parts/link-entry";
import { LostLink } from "../parts/lost-link";
import { Page } from "../parts/page";
import { mayGoHome, mayPress, type Over } from "../session/state";
import type { LinkView } from "../wire/messages";

export function OverPage({ why }: { readonly why: Over }) {
  const app = useApp();
  const { state, text } = app;
  const { view } = state.value;
  // Only a guest was invited: a parent's or teacher's link ends because another took its place.
  const isKept = why === "withdrawn" && view !== null && view.role !== "guest";
  const isRooms = (view?.room ?? view?.area) !== undefined;
  const isOfSchool = view?.role === "teacher" || view?.role === "member";
  const home = homeWords(why, view);
  const words = wordsFor(why, { isKept, isRooms, isOfSchool });
  return (
    <Page state={stateOf(why)} heading={text(`over_${words}_title`)}>
      <p class="lead">{text(`over_${words}_text`)}</p>
      <div class="actions">
        {mayPress(why) && (
          <button type="button" class="primary" onClick={() => press(app)}>
            {text(why === "replaced" ? "over_replaced_button" : "join_again")}
          </button>
        )}
        {home !== null && <Home words={home} />}
        {view?.role === "member" && (
          <a class="button secondary" href="/staff">
            {text("staff_title")}
          </a>
        )}
        {why === "failed" && (
          <button type="button" class="primary" onClick={() => location.reload()}>
            {text("over_reload")}
          </button>
        )}
      </div>
      <WaysOn why={why} />
    </Page>
  );
}

type Whose = {
  readonly isKept: boolean;
  readonly isRooms: boolean;
  readonly isOfSchool: boolean;
};

function wordsFor(why: Over, { isKept, isRooms, isOfSchool }: Whose) {
  switch (why) {
    case "withdrawn":
      return isKept ? "link_ended" : why;
    case "time_up":
      return isRooms ? "room_time_up" : why;
    case "stopped":
      return isOfSchool ? "stopped_school" : why;
    case "evening_over":
    case "no_such_link":
    case "incomplete_link":
    case "unsupported":
    case "visit_over":
    case "replaced":
    case "disconnected":
    case "turned_away":
    case "nobody_came":
    case "left":
    case "stopped_waiting":
    case "ended":
    case "failed":
      return why;
  }
}

/** What helps where the link itself does not lead on. */
function WaysOn({ why }: { readonly why: Over }): ComponentChildren {
  const { link, text } = useApp();
  switch (why) {
    case "incomplete_link":
      return (
        <>
          <LinkEntry />
          <LostLink />
        </>
      );
    case "no_such_link":
      return (
        <>
          {link !== null && link.secret.length < SECRET_LENGTH && (
            <p class="note">{text("over_no_such_link_short")}</p>
          )}
          <LinkEntry />
          <LostLink />
        </>
      );
    case "withdrawn":
    case "evening_over":
      return <LostLink />;
    case "unsupported":
      return <CopyLink />;
    case "visit_over":
    case "replaced":
    case "disconnected":
    case "turned_away":
    case "nobody_came":
    case "stopped":
    case "left":
    case "stopped_waiting":
    case "ended":
    case "time_up":
    case "failed":
      return null;
  }
}

/** What the button says that leads back to the link's first page; `null` where that leads nowhere. */
function homeWords(why: Over, view: LinkView | null) {
  if (!mayGoHome(why) || view?.area !== undefined) {
    return null;
  }
  if (view?.room === undefined) {
    return view?.role === "parent" ? "bookings_title" : "over_appointments";
  }
  // A room's has nothing but Join; whoever is kept out and let back opens their link anew.
  const isKeptOut = why === "stopped" && view.role !== "member";
  return mayPress(why) || isKeptOut || why === "unsupported" ? null : "join_again";
}

/** Back to the link's first page, by whatever way this one was reached. */
function Home({
  words,
}: {
  readonly words: "bookings_title" | "over_appointments" | "join_again";
}) {
  const { report, text } = useApp();
  return (
    <button type="button" class="secondary" onClick={() => report({ type: "home_pressed" })}>
      {text(words)}
    </button>
  );
}

function stateOf(why: Over): string {
  switch (why) {
    case "replaced":
      return "evicted";
    case "withdrawn":
    case "disconnected":
    case "turned_away":
    case "nobody_came":
    case "stopped":
    case "left":
    case "ended":
    case "time_up":
      return why;
    case "stopped_waiting":
      return "left";
    case "evening_over":
    case "visit_over":
      return "over";
    case "no_such_link":
    case "incomplete_link":
    case "unsupported":
    case "failed":
      return "error";
  }
}
