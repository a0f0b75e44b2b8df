// Measures from the press on Join to the first picture of somebody else.

let awaited = false;
let waiting: (() => void)[] = [];

/** Of whom nobody sends a picture, none is waited for longer. */
const AT_LATEST_MS = 250;

/** Join was pressed: the next remote frame is the first. */
export function awaitFirstFrame(): void {
  awaited = true;
}

/** Does this once the awaited picture is there, or is not to come. */
export function afterFirstFrame(work: () => void): void {
  waiting.push(work);
  setTimeout(release, AT_LATEST_MS);
}

function release(): void {
  const due = waiting;
  waiting = [];
  for (const work of due) {
    work();
  }
}

/** Marks the first frame that `video` shows, where it is awaited. */
export function markFirstFrame(video: HTMLVideoElement): void {
  if (!awaited) {
    return;
  }
  if ("requestVideoFrameCallback" in video) {
    video.requestVideoFrameCallback(mark);
  }
  // Where frames are decoded but not drawn, as in a window behind another.
  video.addEventListener("loadeddata", mark, { once: true });
}

function mark(): void {
  if (awaited) {
    awaited = false;
    performance.mark("first-frame");
    performance.measure("join-to-first-frame", "join-pressed", "first-frame");
    release();
  }
}
