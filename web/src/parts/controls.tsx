// The controls of the call.

import { type Signal, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { useApp } from "../app";
import type { Written } from "../session/state";
import type { TextKey } from "../text/text";
import { Icon } from "./icon";
import { Settings } from "./settings";
import { canShareScreen, toggle, toggleScreen, useShortcuts } from "./shortcuts";
import { Toggle } from "./toggle";

type Props = {
  /** Whether what is written is shown. */
  readonly writes: Signal<boolean>;
  readonly written: readonly Written[];
};

export function Controls({ writes, written }: Props) {
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
        <ChatControl writes={writes} written={written} />
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

/** Opens what is written, and says how much of it nobody has looked at here. */
function ChatControl({ writes, written }: Props) {
  const { text } = useApp();
  const read = useSignal(0);
  const last = written.at(-1)?.number ?? 0;
  useEffect(() => {
    if (writes.value) {
      read.value = last;
    }
  }, [writes.value, last, read]);
  const unread = writes.value ? 0 : last - read.value;
  return (
    <button
      type="button"
      class="control"
      aria-expanded={writes.value}
      onClick={() => {
        writes.value = !writes.value;
      }}
    >
      <Icon name="chat" />
      <span>{unread === 0 ? text("chat_title") : text("chat_unread", { count: unread })}</span>
    </button>
  );
}
