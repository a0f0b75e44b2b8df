// Before the call: whose link it is, camera and microphone, and "Join".

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { press, useApp } from "../app";
import { DeviceChoice } from "../parts/device-choice";
import { JoinNoticeNote, useSecondsUntil } from "../parts/join-notice";
import { LevelMeter } from "../parts/level-meter";
import { Page } from "../parts/page";
import { Preview } from "../parts/preview";
import { TroubleNote } from "../parts/trouble-note";
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
      <div class="join">
        <div class="about">
          {view !== null && <Whose view={view} />}
          <JoinNoticeNote notice={notice} />
          {view?.in_use === true && !joining && <p class="note">{text("join_in_use")}</p>}
          <JoinButton notice={notice} joining={joining} />
        </div>
        <section class="media" aria-labelledby="media-heading">
          <h2 id="media-heading" class="visually-hidden">
            {text("join_camera_heading")}
          </h2>
          <Preview />
          <TroubleNote />
          <Devices />
        </section>
        {view !== null && <Others view={view} />}
      </div>
    </Page>
  );
}

function Whose({ view }: { readonly view: LinkView }) {
  const { text } = useApp();
  const role = text(`role_${view.role}`);
  return (
    <>
      <p class="lead">{text("join_greeting", { name: view.name, role })}</p>
      <p class="hint">{text("join_not_you", { name: view.name })}</p>
    </>
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
              {name} <span class="role">{text(`role_${role}`)}</span>
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
  return (
    <div class="actions">
      <button
        type="button"
        class="primary"
        aria-disabled={joining || seconds > 0}
        onClick={() => press(app)}
      >
        {text(joining ? "join_busy" : "join_button")}
      </button>
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

function Devices() {
  const { local, text } = useApp();
  if (local.camera.value === null && local.microphone.value === null) {
    return null;
  }
  return (
    <>
      <LevelMeter />
      <details>
        <summary>{text("media_devices")}</summary>
        <DeviceChoice />
      </details>
    </>
  );
}
