// What a person in the call should know, above the tiles and over none of them.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { useApp } from "../app";
import type { Fault } from "../media/blame";
import { picturesHeld, playPictures } from "../media/pictures";
import { watchBlame } from "../media/watch-blame";
import { type CallPhase, isOnHold } from "../session/state";
import { saveBlurChosen } from "../storage/preferences";
import type { TextKey } from "../text/text";
import { KnockBanner } from "./knocking";
import { MemberCountdown } from "./member-countdown";
import { ReconnectingBanner } from "./reconnecting-banner";
import { TalkBar } from "./talk-bar";
import { NotDoneWhenHere } from "./talk-later";
import { TroubleWhenHere } from "./trouble-later";
import { VoiceBanners } from "./voice-banners";
import { UpNextWhenHere } from "./waiting-later";

type Props = { readonly phase: CallPhase; readonly reconnecting: boolean };

export function CallBanners({ phase, reconnecting }: Props) {
  return (
    <div class="banners">
      <TalkBar phase={phase} />
      <UpNextWhenHere />
      {phase.countdown !== null && <MemberCountdown endsAt={phase.countdown} />}
      <KnockBanner phase={phase} />
      <HoldBanner />
      <ReconnectingBanner shown={reconnecting} />
      <NotDoneWhenHere phase={phase} isLost={reconnecting} />
      <CameOnBanner phase={phase} />
      <MutedBanner phase={phase} />
      <SoundBanner />
      <PicturesBanner />
      <StoppedBanner />
      <DeviceBanner />
      <VoiceBanners phase={phase} />
      <BlurBanner />
      <ScreenBanner />
      <WeakBanner phase={phase} />
      <ContestedBanner phase={phase} />
    </div>
  );
}

/** Nothing of the call comes to whoever is on hold: what they see of it stands still. */
function HoldBanner() {
  const { state, text } = useApp();
  return isOnHold(state.value) ? (
    <div class="banner on-hold">
      <p>
        <strong>{text("call_on_hold_title")}</strong> {text("call_on_hold_text")}
      </p>
    </div>
  ) : null;
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
  const isOff = sound.isOff.value;
  if (!sound.blocked.value && !isOff) {
    return null;
  }
  return (
    <div class="banner">
      <p role="status">{text(isOff ? "call_sound_off" : "call_sound_blocked")}</p>
      <button type="button" class="primary" onClick={() => sound.turnOn()}>
        {text("call_turn_on_sound")}
      </button>
    </div>
  );
}

/** A phone with little battery begins no picture by itself. */
function PicturesBanner() {
  const { text } = useApp();
  return picturesHeld.value ? (
    <div class="banner">
      <p role="status">{text("call_pictures_held")}</p>
      <button type="button" class="primary" onClick={playPictures}>
        {text("call_turn_on_pictures")}
      </button>
    </div>
  ) : null;
}

/** The system has taken camera or microphone away: one press mends it. */
function StoppedBanner() {
  const { local, text } = useApp();
  const { camera, microphone } = local.stopped.value;
  const wants = local.wants.value;
  const lines = [
    microphone && wants.microphone ? text("call_stopped_microphone") : "",
    camera && wants.camera ? text("call_stopped_camera") : "",
  ].filter((line) => line !== "");
  return lines.length === 0 ? null : (
    <div class="banner trouble">
      <div role="status">
        {lines.map((line) => (
          <p key={line}>{line}</p>
        ))}
      </div>
      <button type="button" class="primary" onClick={() => local.retry()}>
        {text("call_stopped_mend")}
      </button>
    </div>
  );
}

/** The person cannot be told from what is behind them: they alone have it shown. */
function BlurBanner() {
  const { local, text } = useApp();
  const trouble = local.blurTrouble.value;
  const show = () => {
    local.blur(false);
    saveBlurChosen(false);
  };
  return trouble === null ? null : (
    <div class="banner trouble" role="alert">
      <p>{text(`call_blur_${trouble}`)}</p>
      <button type="button" class="secondary" onClick={show}>
        {text("call_blur_show")}
      </button>
      <button
        type="button"
        class="secondary"
        onClick={() => {
          local.blurTrouble.value = null;
        }}
      >
        {text("call_dismiss")}
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
      <TroubleWhenHere inCall />
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
