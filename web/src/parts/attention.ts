// Tells somebody who looks at another tab what happens in this one: its title changes, and it sounds.

import { chime } from "../media/level";
import type { Announcement } from "../session/people";

/** What the page itself calls itself. */
let own = "";
let told: string | null = null;

/** The page's own title, which comes back when it is looked at. */
export function setTitle(title: string): void {
  own = title;
  show();
}

/** Tells, where nobody looks. */
export function tellHidden(what: Announcement, words: string): void {
  if (concerns(what)) {
    tellAway(words);
  }
}

/** Tells, where nobody looks, what everybody would want to come back for. */
export function tellAway(words: string): void {
  if (document.visibilityState === "hidden") {
    told = words;
    show();
    chime().catch(() => undefined);
  }
}

/** The same, and sounds where somebody looks too. */
export function tellArrival(words: string): void {
  if (document.visibilityState === "hidden") {
    tellAway(words);
  } else {
    chime().catch(() => undefined);
  }
}

function show(): void {
  document.title = told === null ? own : `● ${told} – ${own}`;
}

/** Whether somebody would want to come back for it. */
function concerns(what: Announcement): boolean {
  switch (what.type) {
    case "can_join":
    case "you_joined":
    case "person_joined":
    case "over":
    case "school_there":
    case "goes_on":
    case "time_left":
    case "written":
    case "knocks":
    case "countdown":
    case "on_hold":
      return true;
    case "place":
      return what.place === 1;
    case "person_left":
    case "person_reconnecting":
    case "person_back":
    case "minute_added":
    case "time_given_back":
    case "muted":
    case "screen_started":
    case "screen_stopped":
    case "own_screen":
    case "pictures_paused":
    case "pictures_back":
    case "reconnecting":
    case "reconnected":
    case "let_in_soon":
      return false;
  }
}

if (typeof document !== "undefined") {
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible" && told !== null) {
      told = null;
      show();
    }
  });
}
