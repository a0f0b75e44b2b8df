// Before the call, where the link is for one alone; and for everybody while Join is at work.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { press, pressBare, useApp } from "../app";
import { GroundRules, useJoinDescribed } from "../parts/ground-rules";
import { JoinNoticeNote, useSecondsUntil } from "../parts/join-notice";
import { MediaCheck } from "../parts/media-check";
import { Page } from "../parts/page";
import { Whose } from "../parts/whose";
import type { JoinNotice } from "../session/state";
import type { LinkView } from "../wire/messages";

/** After this long, joining is said to take long. */
const SLOW_MS = 5_000;

type Props = { readonly notice: JoinNotice | null; readonly joining: boolean };

export function JoinPage({ notice, joining }: Props) {
  const { state, text } = useApp();
  const { view } = state.value;
  return (
    <Page state={joining ? "joining" : "join"} heading={view?.title ?? text("app_name")}>
      <div class="join wide">
        <div class="about">
          {view !== null && <Whose view={view} />}
          <JoinNoticeNote notice={notice} />
          {view?.in_use === true && !joining && <p class="note">{text("join_in_use")}</p>}
          <GroundRules />
          <JoinButton notice={notice} joining={joining} />
        </div>
        <MediaCheck />
        {view !== null && (view.room ?? view.area) === undefined && <Others view={view} />}
      </div>
    </Page>
  );
}

function Others({ view }: { readonly view: LinkView }) {
  const { text } = useApp();
  return (
    <section class="others" aria-labelledby="others-heading">
      <h2 id="others-heading">{text("join_others")}</h2>
      {view.others.length === 0 ? (
        <p>{text("join_alone")}</p>
      ) : (
        <ul>
          {view.others.map(({ name, role }) => (
            <li key={`${role} ${name}`}>
              <bdi>{name}</bdi> <span class="role">{text(`role_${role}`)}</span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function JoinButton({ notice, joining }: Props) {
  const app = useApp();
  const { text } = app;
  const seconds = useSecondsUntil(notice?.type === "wait" ? notice.until : null);
  const slow = useIsSlow(joining);
  const described = useJoinDescribed();
  return (
    <div class="actions">
      <button
        type="button"
        class="primary"
        aria-describedby={described}
        aria-disabled={joining || seconds > 0}
        onClick={() => !joining && seconds === 0 && press(app)}
      >
        {text(joining ? "join_busy" : "join_button")}
      </button>
      {!joining && (
        <button
          type="button"
          class="secondary"
          aria-describedby={described}
          aria-disabled={seconds > 0}
          onClick={() => seconds === 0 && pressBare(app)}
        >
          {text("join_bare")}
        </button>
      )}
      {seconds > 0 && <span class="hint">{text("join_wait", { seconds })}</span>}
      {joining && slow && (
        <>
          <button type="button" class="secondary" onClick={() => app.report({ type: "cancelled" })}>
            {text("join_cancel")}
          </button>
          <p role="status">{text("join_slow")}</p>
        </>
      )}
    </div>
  );
}

function useIsSlow(joining: boolean): boolean {
  const slow = useSignal(false);
  useEffect(() => {
    slow.value = false;
    if (!joining) {
      return;
    }
    const timer = setTimeout(() => {
      slow.value = true;
    }, SLOW_MS);
    return () => clearTimeout(timer);
  }, [joining, slow]);
  return slow.value;
}
