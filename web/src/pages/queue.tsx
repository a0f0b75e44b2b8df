// The call is full: the place in the queue, and a way out of it.

import { useApp } from "../app";
import { MemberCountdown } from "../parts/member-countdown";
import { Page } from "../parts/page";
import { Preview } from "../parts/preview";
import { ReconnectingBanner } from "../parts/reconnecting-banner";
import type { Phase } from "../session/state";

export function QueuePage({ phase }: { readonly phase: Extract<Phase, { type: "queued" }> }) {
  const { report, state, text } = useApp();
  const { place, active, call, knocks, countdown } = phase;
  // In a room there is nobody who booked: the last seat is a member's.
  const isOfSchool = (state.value.view?.room ?? state.value.view?.area) !== undefined;
  const kept = isOfSchool ? "queue_kept_member" : "queue_kept";
  return (
    <Page state="queued" heading={text(knocks ? "queue_knock_title" : "queue_title")}>
      {knocks ? (
        <p class="lead">{text("queue_knock_text")}</p>
      ) : (
        <>
          <p class="lead">
            {text(active < call.cap ? kept : "queue_full", { active, cap: call.cap })}
          </p>
          <p class="place">{place === 1 ? text("queue_next") : text("queue_place", { place })}</p>
        </>
      )}
      {countdown !== null && <MemberCountdown endsAt={countdown} />}
      <p>{text("queue_hint")}</p>
      <p>{text("queue_private")}</p>
      <section class="media waits" aria-label={text("join_camera_heading")}>
        <Preview />
      </section>
      <div class="actions">
        <button type="button" class="secondary" onClick={() => report({ type: "leave_pressed" })}>
          {text("queue_stop")}
        </button>
      </div>
      <ReconnectingBanner shown={state.value.line.type !== "live"} />
    </Page>
  );
}
