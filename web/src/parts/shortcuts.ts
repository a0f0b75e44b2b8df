// What the controls do, and the keys that do the same.

import { useEffect } from "preact/hooks";
import type { App } from "../app";
import type { TextKey } from "../text/text";

/** The keys, what they do and its name. */
export const SHORTCUTS: readonly { key: string; label: TextKey; act: (app: App) => void }[] = [
  { key: "m", label: "call_microphone", act: (app) => toggle(app, "microphone") },
  { key: "c", label: "call_camera", act: (app) => toggle(app, "camera") },
  { key: "s", label: "call_screen", act: toggleScreen },
];

export function canShareScreen(): boolean {
  return navigator.mediaDevices !== undefined && "getDisplayMedia" in navigator.mediaDevices;
}

/** On is what is really on: pressing one that failed tries it again. */
export function toggle({ local }: App, device: "microphone" | "camera"): void {
  local.want(device, !local.sends.peek()[device]);
}

export function toggleScreen({ local }: App): void {
  if (local.screen.peek() !== null) {
    local.stopScreen();
  } else if (canShareScreen()) {
    void local.startScreen();
  }
}

export function useShortcuts(app: App): void {
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (!app.shortcuts.peek() || event.repeat || isForSomethingElse(event)) {
        return;
      }
      SHORTCUTS.find(({ key }) => key === letterOf(event))?.act(app);
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  }, [app]);
}

/** The letter pressed; with a keyboard of other letters, that of the same key on a Latin one. */
function letterOf({ key, code }: KeyboardEvent): string {
  const letter = /^[a-z]$/i.test(key) ? key : (/^Key([A-Z])$/.exec(code)?.[1] ?? key);
  return letter.toLowerCase();
}

function isForSomethingElse(event: KeyboardEvent): boolean {
  const { target } = event;
  const inField = target instanceof Element && target.closest("input, select, textarea, dialog");
  return event.ctrlKey || event.altKey || event.metaKey || Boolean(inField);
}
