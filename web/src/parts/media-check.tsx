// Camera and microphone before the call: the picture, the level, and which to use.

import { useApp } from "../app";
import { useText } from "../text/context";
import { DeviceChoice } from "./device-choice";
import { LevelMeter } from "./level-meter";
import { Preview } from "./preview";
import { TroubleWhenHere } from "./trouble-later";
import { LineNoteWhenHere } from "./waiting-later";

/** `inCard` where it is a part of an appointment's card. */
export function MediaCheck({ inCard = false }: { readonly inCard?: boolean }) {
  const text = useText();
  const Heading = inCard ? "h4" : "h2";
  return (
    <section class="media" aria-labelledby="media-heading">
      <Heading id="media-heading">{text("join_camera_heading")}</Heading>
      <Preview />
      <TroubleWhenHere />
      <LineNoteWhenHere />
      <Devices />
    </section>
  );
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
