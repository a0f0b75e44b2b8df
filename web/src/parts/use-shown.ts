// How large the others' pictures are on this page, so that nothing larger is sent to it.

import type { RefObject } from "preact";
import { useEffect } from "preact/hooks";
import { useApp } from "../app";
import { SLOTS } from "../media/peer";
import type { CallPhase } from "../session/state";
import type { Shown } from "../wire/messages";

/** More pixels than two to one of CSS are more than an eye sees. */
const MOST_RATIO = 2;
/** Sizes are told in steps, so that a pixel more or less is no news. */
const STEP = 16;
/** Sizes that change all the time, as while a window is drawn larger, are told so often. */
const SETTLES_MS = 200;

/** Measures the pictures within `stage` and reports them whenever they change. */
export function useShown(
  stage: RefObject<HTMLElement | null>,
  { people, screens }: CallPhase,
): void {
  const { report } = useApp();
  useEffect(() => {
    const element = stage.current;
    if (element === null) {
      return;
    }
    let timer: ReturnType<typeof setTimeout> | undefined;
    const tell = () => report({ type: "shown_changed", shown: measure(element, people) });
    const later = () => {
      clearTimeout(timer);
      timer = setTimeout(tell, SETTLES_MS);
    };
    const observer = new ResizeObserver(later);
    observer.observe(element);
    for (const picture of element.querySelectorAll("[data-slot], [data-screen]")) {
      observer.observe(picture);
    }
    document.addEventListener("visibilitychange", tell);
    document.addEventListener("leavepictureinpicture", tell);
    return () => {
      clearTimeout(timer);
      observer.disconnect();
      document.removeEventListener("visibilitychange", tell);
      document.removeEventListener("leavepictureinpicture", tell);
    };
  }, [stage, report, people, screens]);
}

function measure(stage: HTMLElement, people: CallPhase["people"]): Shown[] {
  return Array.from({ length: SLOTS }, (_, slot) => {
    const person = people.find((one) => one.slot === slot);
    return {
      camera: size(stage.querySelector(`[data-slot="${slot}"]`)),
      screen: size(stage.querySelector(`[data-screen="${person?.participant}"]`)),
    };
  });
}

/** The shorter side, device pixels. */
function size(element: Element | null): number {
  // A window of its own is seen though the page is not.
  const apart = document.pictureInPictureElement;
  const isSeen = document.visibilityState === "visible" || (apart && element?.contains(apart));
  if (element === null || !isSeen) {
    return 0;
  }
  const { width, height } = element.getBoundingClientRect();
  const ratio = Math.min(devicePixelRatio, MOST_RATIO);
  return Math.ceil((Math.min(width, height) * ratio) / STEP) * STEP;
}
