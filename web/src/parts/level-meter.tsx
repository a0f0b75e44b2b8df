// Shows that the microphone hears something.

import { useSignal } from "@preact/signals";
import { useEffect, useId } from "preact/hooks";
import { useApp } from "../app";
import { watchLevel } from "../media/level";

export function LevelMeter() {
  const { local, text } = useApp();
  const id = useId();
  const level = useSignal(0);
  const track = local.microphone.value;
  useEffect(() => {
    if (track === null) {
      return;
    }
    return watchLevel(track, (value) => {
      level.value = value;
    });
  }, [track, level]);
  if (track === null) {
    return null;
  }
  return (
    <div class="field level">
      <label for={id}>{text("media_level")}</label>
      <meter id={id} min={0} max={1} value={level.value} />
      <p class="hint">{text("media_level_hint")}</p>
    </div>
  );
}
