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

export class Drawn {
  readonly track: MediaStreamTrack;
  /** Told once where it cannot go on. */
  onTrouble: (trouble: "slow" | "impossible") => void = () => undefined;

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
  private hasMask = false;
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
      if (this.hasMask) {
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
    const pen = this.mask.getContext("2d");
    while (!this.isOver) {
      await nextPicture(this.video);
      const picture = this.small
        .getContext("2d", { willReadFrequently: true })
        ?.getImageData(0, 0, WIDTH, HEIGHT);
      const asked = performance.now();
      const mask = picture && (await segmenter?.mask(picture));
      if (this.isOver) {
        return;
      }
      if (!mask || pen === null) {
        return this.onTrouble("impossible");
      }
      pen.putImageData(mask, 0, 0);
      this.hasMask = true;
      if (
        document.visibilityState === "visible" &&
        this.pace.isTooSlow(performance.now() - asked)
      ) {
        return this.onTrouble("slow");
      }
    }
  }
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
