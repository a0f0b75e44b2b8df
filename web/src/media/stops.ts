// A device that is on and gives nothing: a phone call has it, another app, or a switch on its side.

/** A track may be mute for a moment, for no reason that anybody should hear of. */
const REAL_MS = 5_000;

/** Tells when `track` has stopped for good, and when it goes on. */
export function watchStops(track: MediaStreamTrack, tell: (isStopped: boolean) => void): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const look = () => {
    clearTimeout(timer);
    if (track.muted) {
      timer = setTimeout(() => track.readyState === "live" && tell(true), REAL_MS);
    } else {
      tell(false);
    }
  };
  track.addEventListener("mute", look);
  track.addEventListener("unmute", look);
  track.addEventListener("ended", () => clearTimeout(timer));
  if (track.muted) {
    look();
  }
}
