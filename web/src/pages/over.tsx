// The end, whichever it was: what happened, and what can be done.

import { press, useApp } from "../app";
import { Page } from "../parts/page";
import { mayPress, type Over } from "../session/state";

export function OverPage({ why }: { readonly why: Over }) {
  const app = useApp();
  const { state, text } = app;
  const { view } = state.value;
  // Only a guest was invited: a parent's or teacher's link ends because another took its place.
  const words = why === "withdrawn" && view !== null && view.role !== "guest" ? "link_ended" : why;
  return (
    <Page state={stateOf(why)} heading={text(`over_${words}_title`)}>
      <p class="lead">{text(`over_${words}_text`)}</p>
      <div class="actions">
        {mayPress(why) && (
          <button type="button" class="primary" onClick={() => press(app)}>
            {text(why === "replaced" ? "over_replaced_button" : "join_again")}
          </button>
        )}
        {mayPress(why) && <Home />}
        {why === "failed" && (
          <button type="button" class="primary" onClick={() => location.reload()}>
            {text("over_reload")}
          </button>
        )}
      </div>
    </Page>
  );
}

/** Back to the appointments, where the link has any. */
function Home() {
  const { report, state, text } = useApp();
  const { view } = state.value;
  if (view?.evening === undefined) {
    return null;
  }
  return (
    <button type="button" class="secondary" onClick={() => report({ type: "home_pressed" })}>
      {text(view.role === "parent" ? "bookings_title" : "over_appointments")}
    </button>
  );
}

function stateOf(why: Over): string {
  switch (why) {
    case "replaced":
      return "evicted";
    case "withdrawn":
    case "disconnected":
    case "left":
    case "ended":
    case "shutdown":
      return why;
    case "stopped_waiting":
      return "left";
    case "no_such_link":
    case "incomplete_link":
    case "unsupported":
    case "failed":
      return "error";
  }
}
