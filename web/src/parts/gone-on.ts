// Where the focus was when something was begun: whoever goes on meanwhile is not called back.

import type { Navigation } from "../navigation";

let pressed: Element | null = null;

/** Something is begun: what was told before is over. */
export function begin(navigation: Navigation | null): void {
  pressed = document.activeElement;
  navigation?.hush();
}

/** Whether the reader has gone on to something else since, on a page that still has what was pressed. */
export function hasGoneOn(): boolean {
  const now = document.activeElement;
  return pressed?.isConnected === true && now !== pressed && now !== null && now !== document.body;
}
