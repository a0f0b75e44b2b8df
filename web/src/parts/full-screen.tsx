// More room for the call: the whole screen, or a small window beside other programs.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { useText } from "../text/context";

type FullScreenProps = {
  readonly of: () => Element | null;
  readonly onDone?: () => void;
};

/** All of the screen for something, where the browser lets a page have that: much on a telephone. */
export function FullScreen({ of, onDone }: FullScreenProps) {
  const text = useText();
  const isFull = useSignal(document.fullscreenElement !== null);
  useEffect(() => {
    const changed = () => {
      isFull.value = document.fullscreenElement !== null;
    };
    document.addEventListener("fullscreenchange", changed);
    return () => document.removeEventListener("fullscreenchange", changed);
  }, [isFull]);
  if (document.fullscreenEnabled !== true) {
    return null;
  }
  const toggle = () => {
    const done = isFull.value ? document.exitFullscreen() : of()?.requestFullscreen();
    done?.catch(() => undefined);
    onDone?.();
  };
  return (
    <button type="button" class="secondary" aria-pressed={isFull.value} onClick={toggle}>
      {text("call_full_screen")}
    </button>
  );
}

/** What is looked at most: a shared screen, else the first of the others. */
function mostLookedAt(): HTMLVideoElement | null {
  return document.querySelector(".screen video") ?? document.querySelector(".tile:not(.own) video");
}

/** Somebody's picture in a window of its own, where the browser can do that. */
export function OwnWindow({ onDone }: { readonly onDone: () => void }) {
  const text = useText();
  if (document.pictureInPictureEnabled !== true || mostLookedAt() === null) {
    return null;
  }
  const open = () => {
    mostLookedAt()
      ?.requestPictureInPicture()
      .catch(() => undefined);
    onDone();
  };
  return (
    <button type="button" class="secondary" onClick={open}>
      {text("call_own_window")}
    </button>
  );
}
