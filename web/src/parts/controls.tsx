// The controls of the call.

import { type Signal, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { useApp } from "../app";
import type { CallPhase } from "../session/state";
import type { TextKey } from "../text/text";
import { Icon } from "./icon";
import { More } from "./more";
import type { Panel } from "./panel";
import { canShareScreen, toggle, toggleScreen, useShortcuts } from "./shortcuts";
import { SettingsWhenHere } from "./talk-later";
import { Toggle } from "./toggle";

type Props = { readonly phase: CallPhase; readonly panel: Signal<Panel> };

export function Controls({ phase, panel }: Props) {
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
        <ChatControl phase={phase} panel={panel} />
        <More phase={phase} panel={panel} />
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
        <SettingsWhenHere
          onClose={() => {
            settings.value = false;
          }}
        />
      )}
    </>
  );
}

/** Opens what is written, and says how much of it nobody has looked at here. */
function ChatControl({ phase, panel }: Props) {
  const { text } = useApp();
  const read = useSignal(0);
  const last = phase.written.at(-1)?.number ?? 0;
  const isShown = panel.value === "chat";
  useEffect(() => {
    if (isShown) {
      read.value = last;
    }
  }, [isShown, last, read]);
  const unread = isShown ? 0 : last - read.value;
  return (
    <button
      type="button"
      class="control"
      aria-expanded={isShown}
      onClick={() => {
        panel.value = isShown ? null : "chat";
      }}
    >
      <Icon name="chat" />
      <span>{unread === 0 ? text("chat_title") : text("chat_unread", { count: unread })}</span>
    </button>
  );
}
