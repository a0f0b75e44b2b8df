// A moving picture, without sound: what is heard is played apart from what is seen.

import { useLayoutEffect, useRef } from "preact/hooks";
import { playPicture } from "../media/pictures";

type Props = {
  readonly track: MediaStreamTrack;
  readonly label: string;
  readonly mirrored?: boolean;
  readonly whole?: boolean;
  /** Called with the element when it begins to play this track. */
  readonly onShown?: (video: HTMLVideoElement) => void;
};

export function Video({ track, label, mirrored = false, whole = false, onShown }: Props) {
  const element = useRef<HTMLVideoElement>(null);
  // With the page, not after it: what is to be seen waits for nothing.
  useLayoutEffect(() => {
    const video = element.current;
    if (video === null) {
      return;
    }
    video.srcObject = new MediaStream([track]);
    onShown?.(video);
    playPicture(video);
    return () => {
      video.srcObject = null;
    };
  }, [track, onShown]);
  const classes = ["video", mirrored && "mirrored", whole && "whole"].filter(Boolean).join(" ");
  return <video ref={element} class={classes} aria-label={label} muted playsInline />;
}
