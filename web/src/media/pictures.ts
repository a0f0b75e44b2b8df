// Pictures that do not move: a phone with little battery begins none by itself, and a phone call stops all.

import { signal } from "@preact/signals";

/** Whether the browser wants a press before pictures move. */
export const picturesHeld = signal(false);

/** Begins `video`; leaving the page in between is no fault. */
export function playPicture(video: HTMLVideoElement): void {
  video.play().catch((error: unknown) => {
    if (error instanceof DOMException && error.name === "NotAllowedError") {
      picturesHeld.value = true;
    }
  });
}

/** Begins all that stand still. */
export function playPictures(): void {
  picturesHeld.value = false;
  for (const video of document.querySelectorAll("video")) {
    if (video.srcObject !== null && video.paused) {
      playPicture(video);
    }
  }
}
