// What a person chose on this device, kept for the next call.

import { type Signal, signal } from "@preact/signals";
import type { Chosen } from "../media/capture";
import { quietly } from "./kept";

const DEVICES_KEY = "homeroom.devices";
const LAYOUT_KEY = "homeroom.layout";
const SHORTCUTS_KEY = "homeroom.shortcuts";
const LANGUAGE_KEY = "homeroom.language";
const BLUR_KEY = "homeroom.blur";

/** The language that was chosen on this device. */
export function chosenLanguage(): string | null {
  return quietly(() => localStorage.getItem(LANGUAGE_KEY)) ?? null;
}

export function saveChosenLanguage(tag: string): void {
  quietly(() => localStorage.setItem(LANGUAGE_KEY, tag));
}

export function chosenDevices(): Chosen {
  const text = quietly(() => localStorage.getItem(DEVICES_KEY));
  const value: unknown = text ? quietly(() => JSON.parse(text)) : null;
  if (typeof value !== "object" || value === null) {
    return {};
  }
  const ids = Object.entries(value).filter(
    ([name, id]) => ["microphone", "camera", "speaker"].includes(name) && typeof id === "string",
  );
  return Object.fromEntries(ids);
}

export function saveChosenDevices(chosen: Chosen): void {
  quietly(() => localStorage.setItem(DEVICES_KEY, JSON.stringify(chosen)));
}

export type Layout = "auto" | "grid" | "corner";

/** How the pictures of a call are laid out: by the screen, where nothing was chosen. */
export function layoutPreference(): Signal<Layout> {
  const saved = quietly(() => localStorage.getItem(LAYOUT_KEY));
  const layout = signal<Layout>(saved === "grid" || saved === "corner" ? saved : "auto");
  layout.subscribe((value) => {
    quietly(() => localStorage.setItem(LAYOUT_KEY, value));
  });
  return layout;
}

/** Whether what is behind the person is to be blurred. */
export function blurChosen(): boolean {
  return quietly(() => localStorage.getItem(BLUR_KEY)) === "on";
}

export function saveBlurChosen(on: boolean): void {
  quietly(() => (on ? localStorage.setItem(BLUR_KEY, "on") : localStorage.removeItem(BLUR_KEY)));
}

/** Whether single keys do anything: some people's input devices press them by accident. */
export function shortcutsPreference(): Signal<boolean> {
  const on = signal(quietly(() => localStorage.getItem(SHORTCUTS_KEY)) !== "off");
  on.subscribe((value) => {
    quietly(() => localStorage.setItem(SHORTCUTS_KEY, value ? "on" : "off"));
  });
  return on;
}
