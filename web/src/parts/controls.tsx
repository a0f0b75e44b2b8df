// The controls of the call.

import { useSignal } from "@preact/signals";
import { useApp } from "../app";
import type { TextKey } from "../text/text";
import { Icon } from "./icon";
import { Settings } from "./settings";
import { canShareScreen, toggle, toggleScreen, useShortcuts } from "./shortcuts";
import { Toggle } from "./toggle";

export function Controls() {
  const app = useApp();
  const { local, report, text } = app;
  const settings = useSignal(false);
  useShortcuts(app);
  const { microphone, camera, screen } = local.sends.value;
  const shortcut = (key: string) => (app.shortcuts.value ? key : undefined);
  const titled = (label: TextKey, key: string) =>
    app.shortcuts.value ? text("call_with_key", { label: text(label), key }) : undefined;
  return (
    <>
      <section class="controls" aria-label={text("call_controls")}>
        <Toggle
          icon="microphone"
          label={text("call_microphone")}
          pressed={microphone}
          onToggle={() => toggle(app, "microphone")}
          shortcut={shortcut("m")}
          title={titled("call_microphone", "m")}
        />
        <Toggle
          icon="camera"
          label={text("call_camera")}
          pressed={camera}
          onToggle={() => toggle(app, "camera")}
          shortcut={shortcut("c")}
          title={titled("call_camera", "c")}
        />
        {canShareScreen() && (
          <Toggle
            icon="screen"
            label={text("call_screen")}
            pressed={screen}
            onToggle={() => toggleScreen(app)}
            shortcut={shortcut("s")}
            title={titled("call_screen", "s")}
          />
        )}
        <button
          type="button"
          class="control"
          aria-haspopup="dialog"
          onClick={() => {
            settings.value = true;
          }}
        >
          <Icon name="settings" />
          <span>{text("call_settings")}</span>
        </button>
        <button
          type="button"
          class="control leave"
          onClick={() => report({ type: "leave_pressed" })}
        >
          <Icon name="leave" />
          <span>{text("call_leave")}</span>
        </button>
      </section>
      {settings.value && (
        <Settings
          onClose={() => {
            settings.value = false;
          }}
        />
      )}
    </>
  );
}
