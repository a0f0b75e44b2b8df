// The camera's pictures, drawn anew with what is behind the person blurred.

import { HEIGHT, WIDTH } from "./frame-messages";
import { Pace } from "./pace";
import type { Segmenter } from "./segmenter";

/** The blurred picture has so many pixels across before it is drawn large. */
const COARSE = 48;

/** What is drawn still, in pixels of the picture, over the edges of those coarse pixels. */
const SOFT = "blur(8px)";

/** Without news of the next picture it is looked for after so long: shown, and in a hidden tab. */
const FRAME = 33;
const HIDDEN = 200;

/** From then on it is not known any more where the person is, milliseconds. */
const OLDEST = 3_000;
/** The same in a tab that nobody sees, where pictures are seldom. */
const OLDEST_UNSEEN = 10_000;

type Trouble = "slow" | "impossible";

export class Drawn {
  readonly track: MediaStreamTrack;
  /** Told once where the person is looked for no more: from then on all of the picture is blurred. */
  onTrouble: (trouble: Trouble) => void = () => undefined;

  private readonly video = document.createElement("video");
  private readonly out = document.createElement("canvas");
  private readonly coarse = document.createElement("canvas");
  private readonly mask = Object.assign(document.createElement("canvas"), {
    width: WIDTH,
    height: HEIGHT,
  });
  private readonly small = Object.assign(document.createElement("canvas"), {
    width: WIDTH,
    height: HEIGHT,
  });
  private readonly pace = new Pace();
  /** When it was found where the person is, by the page's clock; nothing where that is not known. */
  private foundAt: number | null = null;
  private isOver = false;

  /** Everything is blurred until `segmenter` says where the person is. */
  constructor(camera: MediaStreamTrack, segmenter: Promise<Segmenter | null>) {
    const { width = 640, height = 360 } = camera.getSettings();
    Object.assign(this.out, { width, height });
    this.out.getContext("2d")?.fillRect(0, 0, width, height);
    const [track] = this.out.captureStream().getVideoTracks();
    if (track === undefined) {
      throw new Error("no track of a canvas");
    }
    this.track = track;
    this.video.muted = true;
    this.video.playsInline = true;
    this.video.srcObject = new MediaStream([camera]);
    void this.video.play().catch(() => undefined);
    void this.paint();
    void this.find(segmenter);
  }

  stop(): void {
    this.isOver = true;
    this.video.srcObject = null;
    this.track.stop();
  }

  private async paint(): Promise<void> {
    while (!this.isOver) {
      await nextPicture(this.video);
      const { videoWidth: width, videoHeight: height } = this.video;
      const pen = this.out.getContext("2d");
      if (this.isOver || pen === null || width === 0) {
        continue;
      }
      if (this.out.width !== width || this.out.height !== height) {
        Object.assign(this.out, { width, height });
      }
      this.coarsen(width, height);
      pen.globalCompositeOperation = "copy";
      if (this.foundAt !== null && !isStale(this.foundAt)) {
        pen.drawImage(this.mask, 0, 0, width, height);
        pen.globalCompositeOperation = "source-in";
        pen.drawImage(this.video, 0, 0, width, height);
        pen.globalCompositeOperation = "destination-over";
      }
      pen.filter = SOFT;
      pen.drawImage(this.coarse, 0, 0, width, height);
      pen.filter = "none";
    }
  }

  /** Draws the picture small, by way of the one that is looked at for the person: one step would leave pixels out. */
  private coarsen(width: number, height: number): void {
    const high = Math.max(1, Math.round((COARSE * height) / width));
    if (this.coarse.height !== high) {
      Object.assign(this.coarse, { width: COARSE, height: high });
    }
    const pen = this.coarse.getContext("2d");
    const small = this.small.getContext("2d", { willReadFrequently: true });
    if (pen !== null && small !== null) {
      small.imageSmoothingQuality = "high";
      small.drawImage(this.video, 0, 0, WIDTH, HEIGHT);
      pen.imageSmoothingQuality = "high";
      pen.drawImage(this.small, 0, 0, COARSE, high);
    }
  }

  private async find(opening: Promise<Segmenter | null>): Promise<void> {
    const segmenter = await opening;
    let trouble: Trouble | null = segmenter === null ? "impossible" : null;
    while (segmenter !== null && trouble === null && !this.isOver) {
      await nextPicture(this.video);
      trouble = await this.look(segmenter);
    }
    this.foundAt = null;
    if (trouble !== null && !this.isOver) {
      this.onTrouble(trouble);
    }
  }

  /** Looks once where the person is. Gives why it is not to be done again, where there is a reason. */
  private async look(segmenter: Segmenter): Promise<Trouble | null> {
    const picture = this.small
      .getContext("2d", { willReadFrequently: true })
      ?.getImageData(0, 0, WIDTH, HEIGHT);
    const asked = performance.now();
    const mask = picture === undefined ? null : await segmenter.mask(picture);
    if (mask !== null) {
      this.mask.getContext("2d")?.putImageData(mask, 0, 0);
      this.foundAt = asked;
    }
    // In a tab that nobody sees everything takes long.
    if (document.visibilityState !== "visible") {
      return null;
    }
    if (this.pace.isLost(mask !== null)) {
      return "impossible";
    }
    return this.pace.isTooSlow(performance.now() - asked) ? "slow" : null;
  }
}

/** Whether the person may be elsewhere by now. */
function isStale(foundAt: number): boolean {
  const oldest = document.visibilityState === "visible" ? OLDEST : OLDEST_UNSEEN;
  return performance.now() - foundAt > oldest;
}

/** The next picture of the camera, or the time for one where the browser does not say. */
function nextPicture(video: HTMLVideoElement): Promise<void> {
  return new Promise((resolve) => {
    if ("requestVideoFrameCallback" in video) {
      video.requestVideoFrameCallback(() => resolve());
      setTimeout(resolve, HIDDEN);
    } else {
      setTimeout(resolve, FRAME);
    }
  });
}
