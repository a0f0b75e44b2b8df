// Which camera, microphone and speaker to use, by the browser's own lists.

import { useSignal } from "@preact/signals";
import { useId } from "preact/hooks";
import { useApp } from "../app";
import { playTone } from "../media/level";
import { canChooseSpeaker } from "../media/sound";
import type { TextKey } from "../text/text";

type Choice = "camera" | "microphone" | "speaker";
const KINDS: Readonly<Record<Choice, MediaDeviceKind>> = {
  camera: "videoinput",
  microphone: "audioinput",
  speaker: "audiooutput",
};
const LABELS: Readonly<Record<Choice, TextKey>> = {
  camera: "media_camera",
  microphone: "media_microphone",
  speaker: "media_speaker",
};

export function DeviceChoice() {
  return (
    <div class="devices">
      <DeviceSelect choice="camera" />
      <DeviceSelect choice="microphone" />
      {canChooseSpeaker() && <DeviceSelect choice="speaker" />}
      <SpeakerTest />
    </div>
  );
}

function DeviceSelect({ choice }: { readonly choice: Choice }) {
  const { local, text } = useApp();
  const id = useId();
  const kind = text(LABELS[choice]);
  const devices = local.devices.value.filter(
    (device) => device.kind === KINDS[choice] && device.deviceId !== "",
  );
  if (devices.length === 0) {
    return null;
  }
  return (
    <div class="field">
      <label for={id}>{kind}</label>
      <select
        id={id}
        value={inUse(choice, local, devices)}
        onChange={({ currentTarget }) => local.choose(choice, currentTarget.value)}
      >
        {devices.map((device, index) => (
          <option key={`${device.deviceId} ${device.label}`} value={device.deviceId}>
            {device.label || text("media_unnamed", { kind, number: index + 1 })}
          </option>
        ))}
      </select>
      <p role="status" class="problem">
        {local.missed.value[choice] === true ? text(`media_missed_${choice}`) : ""}
      </p>
    </div>
  );
}

/** The device that is on, else the one chosen, else the first. */
function inUse(
  choice: Choice,
  { asking, camera, microphone, chosen, wants }: ReturnType<typeof useApp>["local"],
  devices: readonly MediaDeviceInfo[],
): string {
  const tracks = { camera: camera.value, microphone: microphone.value, speaker: null };
  // While one is being changed, and while it is off, what counts is what was chosen.
  const isOn = choice !== "speaker" && wants.value[choice] && !asking.value;
  const on = isOn ? tracks[choice]?.getSettings().deviceId : undefined;
  const wanted = on ?? chosen.value[choice];
  const found = devices.find((device) => device.deviceId === wanted);
  return (found ?? devices[0])?.deviceId ?? "";
}

function SpeakerTest() {
  const { local, text } = useApp();
  const playing = useSignal(false);
  const play = async () => {
    playing.value = true;
    await playTone(local.chosen.value.speaker);
    playing.value = false;
  };
  return (
    <button type="button" class="secondary" disabled={playing.value} onClick={() => void play()}>
      {text(playing.value ? "media_testing_speaker" : "media_test_speaker")}
    </button>
  );
}
