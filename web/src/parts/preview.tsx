// The person's own picture before the call, and what is on.

import { useEffect } from "preact/hooks";
import { type App, useApp } from "../app";
import { usesDevices } from "../session/state";
import { Toggle } from "./toggle";
import { Video } from "./video";

export function Preview() {
  const app = useApp();
  const { local, text } = app;
  const { microphone, camera } = local.sends.value;
  usePreviewing(app);
  const toggle = (device: "microphone" | "camera") => {
    if (local.asked.peek()) {
      local.want(device, !local.sends.peek()[device]);
    } else {
      local.takeOnly(device);
    }
  };
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
          onToggle={() => toggle("microphone")}
        />
        <Toggle
          icon="camera"
          label={text("call_camera")}
          pressed={camera}
          onToggle={() => toggle("camera")}
        />
      </div>
      {!local.asked.value && <JoinsBare />}
    </div>
  );
}

/** Before anything is on: what Join turns on. */
function JoinsBare() {
  const { local, text } = useApp();
  const { microphone, camera } = local.wants.value;
  return (
    <label class="check">
      <input
        type="checkbox"
        checked={!microphone && !camera}
        onChange={({ currentTarget }) => {
          const on = !currentTarget.checked;
          local.wants.value = { microphone: on, camera: on };
        }}
      />
      <span>{text("media_join_bare")}</span>
    </label>
  );
}

/** How many previews are on the page. */
let previews = 0;

/** Devices are on where the page shows that they are: with the last preview they go off. */
function usePreviewing({ local, state }: App): void {
  useEffect(() => {
    previews += 1;
    return () => {
      previews -= 1;
      // The page that follows may have one too.
      setTimeout(() => {
        if (previews === 0 && !usesDevices(state.peek().phase)) {
          local.release();
        }
      });
    };
  }, [local, state]);
}

function Picture() {
  const { local, text } = useApp();
  const track = local.picture.value;
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
      <button type="button" class="secondary" onClick={() => void local.take()}>
        {text("media_turn_on")}
      </button>
      <p>{text("media_why")}</p>
    </>
  );
}
