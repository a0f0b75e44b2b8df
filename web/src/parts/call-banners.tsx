// What a person in the call should know, above the tiles and over none of them.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { useApp } from "../app";
import type { Fault } from "../media/blame";
import { watchBlame } from "../media/watch-blame";
import type { CallPhase } from "../session/state";
import type { TextKey } from "../text/text";
import { ReconnectingBanner } from "./reconnecting-banner";
import { TalkBar } from "./talk-bar";
import { TroubleNote } from "./trouble-note";

type Props = { readonly phase: CallPhase; readonly reconnecting: boolean };

export function CallBanners({ phase, reconnecting }: Props) {
  return (
    <div class="banners">
      <TalkBar phase={phase} />
      <ReconnectingBanner shown={reconnecting} />
      <CameOnBanner phase={phase} />
      <MutedBanner phase={phase} />
      <SoundBanner />
      <DeviceBanner />
      <ScreenBanner />
      <WeakBanner phase={phase} />
      <ContestedBanner phase={phase} />
    </div>
  );
}

/** Whoever was taken on by itself reads where they are. */
function CameOnBanner({ phase }: { readonly phase: CallPhase }) {
  const { report, text } = useApp();
  return phase.cameOn ? (
    <div class="banner">
      <p>{text("call_came_on", { title: phase.call.title })}</p>
      <button type="button" class="secondary" onClick={() => report({ type: "came_on_read" })}>
        {text("call_dismiss")}
      </button>
    </div>
  ) : null;
}

function MutedBanner({ phase }: { readonly phase: CallPhase }) {
  const { local, text } = useApp();
  const isMuted = phase.mutedBy !== null && !local.sends.value.microphone;
  return isMuted ? (
    <p class="banner">{text("call_muted_by", { name: phase.mutedBy ?? "" })}</p>
  ) : null;
}

function SoundBanner() {
  const { sound, text } = useApp();
  if (!sound.blocked.value) {
    return null;
  }
  return (
    <div class="banner">
      <p>{text("call_sound_blocked")}</p>
      <button type="button" class="primary" onClick={() => sound.turnOn()}>
        {text("call_turn_on_sound")}
      </button>
    </div>
  );
}

/** Camera or microphone cannot be had, until the person has read it. */
function DeviceBanner() {
  const { local, text } = useApp();
  const { camera, microphone } = local.trouble.value;
  const read = useSignal<string | null>(null);
  const trouble = `${camera} ${microphone}`;
  if ((camera === undefined && microphone === undefined) || read.value === trouble) {
    return null;
  }
  return (
    <div class="banner trouble">
      <TroubleNote inCall />
      <button
        type="button"
        class="secondary"
        onClick={() => {
          read.value = trouble;
        }}
      >
        {text("call_dismiss")}
      </button>
    </div>
  );
}

function ScreenBanner() {
  const { local, text } = useApp();
  if (local.screen.value !== null) {
    return (
      <div class="banner">
        <p>{text("call_screen_yours")}</p>
        <button type="button" class="secondary" onClick={() => local.stopScreen()}>
          {text("call_stop_sharing")}
        </button>
      </div>
    );
  }
  return local.trouble.value.screen === undefined ? null : (
    <p class="banner">{text("trouble_screen")}</p>
  );
}

const WHY: Readonly<Record<Fault, TextKey>> = {
  device: "call_busy_device",
  network: "call_weak_network",
  unknown: "call_pictures_paused",
};

/** Voice outlives video: why pictures are missing, as far as it is known. */
function WeakBanner({ phase }: { readonly phase: CallPhase }) {
  const { peers, text } = useApp();
  const fault = useSignal<Fault>("unknown");
  useEffect(() => {
    const watching = watchBlame(peers);
    const stop = watching.fault.subscribe((now) => {
      fault.value = now;
    });
    return () => {
      stop();
      watching.stop();
    };
  }, [peers, fault]);
  return phase.paused.length === 0 ? null : <p class="banner">{text(WHY[fault.value])}</p>;
}

function ContestedBanner({ phase }: { readonly phase: CallPhase }) {
  const { report, text } = useApp();
  const { contested, you, people } = phase;
  const name = people.find(({ participant }) => participant === contested)?.name;
  if (contested === null || name === undefined) {
    return null;
  }
  return (
    <div class="banner" role="alert">
      <p>{contested === you ? text("call_contested_you") : text("call_contested", { name })}</p>
      <button type="button" class="secondary" onClick={() => report({ type: "notice_dismissed" })}>
        {text("call_dismiss")}
      </button>
    </div>
  );
}
