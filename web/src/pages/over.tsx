// The end, whichever it was: what happened, and what can be done.

import type { ComponentChildren } from "preact";
import { press, useApp } from "../app";
import { SECRET_LENGTH } from "../http/links";
import { CopyLink } from "../parts/copy-link";
import { LinkEntry } from "../parts/link-entry";
import { LostLink } from "../parts/lost-link";
import { Page } from "../parts/page";
import { mayGoHome, mayPress, type Over } from "../session/state";

export function OverPage({ why }: { readonly why: Over }) {
  const app = useApp();
  const { state, text } = app;
  const { view } = state.value;
  // Only a guest was invited: a parent's or teacher's link ends because another took its place.
  const isKept = why === "withdrawn" && view !== null && view.role !== "guest";
  const isRooms = why === "time_up" && (view?.room ?? view?.area) !== undefined;
  const words = isKept ? "link_ended" : isRooms ? "room_time_up" : why;
  return (
    <Page state={stateOf(why)} heading={text(`over_${words}_title`)}>
      <p class="lead">{text(`over_${words}_text`)}</p>
      <div class="actions">
        {mayPress(why) && (
          <button type="button" class="primary" onClick={() => press(app)}>
            {text(why === "replaced" ? "over_replaced_button" : "join_again")}
          </button>
        )}
        {mayGoHome(why) && view?.area === undefined && <Home />}
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
    case "left":
    case "stopped_waiting":
    case "ended":
    case "time_up":
    case "failed":
      return null;
  }
}

/** Back to the link's first page, by whatever way this one was reached. */
function Home() {
  const { report, state, text } = useApp();
  const { view } = state.value;
  const words = view?.role === "parent" ? "bookings_title" : "over_appointments";
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
