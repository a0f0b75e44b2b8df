// What is behind the person, blurred: by the browser where it can, else drawn anew.
//
// What is loaded late shares nothing with the page but types, and has no private names, which older
// browsers need a helper for: what both share would be one more file of every first load.

import type { LocalMedia } from "../media/local";
import { Drawn } from "./drawn";
import { Segmenter } from "./segmenter";

/** What browsers tell of a camera whose pictures the system can blur (Media Capture Extensions). */
type Blurs<T> = { readonly backgroundBlur?: T };

/** What a track says when the system changes it (Media Capture Extensions). */
const CHANGED = "configurationchange";

/** From now on there is a blurred picture wherever one is wanted and the camera is on. */
export function blurPictures(local: LocalMedia): void {
  let segmenter: Promise<Segmenter | null> | null = null;
  const open = () => {
    segmenter ??= Segmenter.open();
    return segmenter;
  };
  let blurred: MediaStreamTrack | null = null;
  let end: () => void = () => undefined;
  const follow = () => {
    const isWanted = local.blurs.peek();
    const camera = isWanted ? local.camera.peek() : null;
    if (camera !== blurred) {
      blurred = camera;
      end();
      end = camera === null ? () => undefined : begin(local, camera, open);
    }
    if (!isWanted) {
      void segmenter?.then((one) => one?.close());
      segmenter = null;
    }
  };
  local.blurs.subscribe(follow);
  local.camera.subscribe(follow);
}

/** Gives what ends it. */
function begin(
  local: LocalMedia,
  camera: MediaStreamTrack,
  open: () => Promise<Segmenter | null>,
): () => void {
  let isOver = false;
  let close: () => void = () => undefined;
  const drawAnew = () => {
    close = draw(local, camera, open());
  };
  // The system lets people switch it off where no page hears of it but by this.
  const look = () => {
    if (local.blurred.peek() === camera && !isBlurred(camera)) {
      local.blurred.value = null;
      drawAnew();
    }
  };
  const begun = async () => {
    if (await blurredByTheSystem(camera)) {
      if (isOver) {
        await askTheSystem(camera, false);
        return;
      }
      close = () => void askTheSystem(camera, false);
      camera.addEventListener(CHANGED, look);
      local.blurred.value = camera;
      // It may have been switched off meanwhile.
      look();
    } else if (!isOver) {
      drawAnew();
    }
  };
  void begun().catch(() => local.cannotBlur("impossible"));
  return () => {
    isOver = true;
    camera.removeEventListener(CHANGED, look);
    local.blurred.value = null;
    close();
  };
}

function draw(
  local: LocalMedia,
  camera: MediaStreamTrack,
  segmenter: Promise<Segmenter | null>,
): () => void {
  const drawn = new Drawn(camera, segmenter);
  drawn.onTrouble = (trouble) => local.cannotBlur(trouble);
  local.blurred.value = drawn.track;
  return () => drawn.stop();
}

async function blurredByTheSystem(camera: MediaStreamTrack): Promise<boolean> {
  const { backgroundBlur } = (camera.getCapabilities?.() ?? {}) as Blurs<readonly boolean[]>;
  // Of one that does not say when it is switched off nobody can be sure.
  if (!backgroundBlur?.includes(true) || !(`on${CHANGED}` in camera)) {
    return false;
  }
  await askTheSystem(camera, true);
  return isBlurred(camera);
}

function isBlurred(camera: MediaStreamTrack): boolean {
  return (camera.getSettings() as Blurs<boolean>).backgroundBlur === true;
}

async function askTheSystem(camera: MediaStreamTrack, backgroundBlur: boolean): Promise<void> {
  const wanted: MediaTrackConstraints & Blurs<boolean> = { backgroundBlur };
  await camera.applyConstraints({ ...camera.getConstraints(), ...wanted }).catch(() => undefined);
}
