// The person's own picture before the call, and what is on.

import { useApp } from "../app";
import { Toggle } from "./toggle";
import { Video } from "./video";

export function Preview() {
  const { local, text } = useApp();
  const { microphone, camera } = local.wants.value;
  return (
    <div class="preview">
      <div class="picture dark">
        <Picture />
      </div>
      <div class="toggles">
        <Toggle
          icon="microphone"
          label={text("call_microphone")}
          pressed={microphone}
          onToggle={() => local.want("microphone", !microphone)}
        />
        <Toggle
          icon="camera"
          label={text("call_camera")}
          pressed={camera}
          onToggle={() => local.want("camera", !camera)}
        />
      </div>
    </div>
  );
}

function Picture() {
  const { local, text } = useApp();
  const track = local.camera.value;
  if (track !== null) {
    return <Video track={track} label={text("media_preview")} mirrored />;
  }
  if (local.asking.value) {
    return <p>{text("media_asking")}</p>;
  }
  if (local.asked.value) {
    return <p>{text(local.wants.value.camera ? "media_no_camera" : "media_camera_off")}</p>;
  }
  return (
    <>
      <button type="button" class="secondary" onClick={() => void local.take(false)}>
        {text("media_turn_on")}
      </button>
      <p>{text("media_why")}</p>
    </>
  );
}
