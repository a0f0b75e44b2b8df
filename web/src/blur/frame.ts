// The frame beside the page in which a package of others' finds out where in a picture the person is.
// It has an origin of its own, so that it reads nothing of the page, and may ask for its files alone.

import type { Results, SelfieSegmentation } from "@mediapipe/selfie_segmentation";
import { type Answer, type Asked, HEIGHT, WIDTH } from "./frame-messages";

/** The model for pictures that are wider than high; the faster one of the two. */
const LANDSCAPE = 1;

addEventListener("message", ({ source, ports: [port] }) => {
  if (source === parent && port !== undefined) {
    void serve(port);
  }
});

async function serve(port: MessagePort): Promise<void> {
  const answer = (message: Answer, moved: Transferable[] = []) => port.postMessage(message, moved);
  try {
    const find = await segmenter();
    port.onmessage = async ({ data }: MessageEvent<Asked>) => {
      try {
        const mask = await find(new ImageData(data.pixels, WIDTH, HEIGHT));
        answer({ type: "mask", number: data.number, pixels: mask }, [mask.buffer]);
      } catch {
        answer({ type: "failed", number: data.number });
      }
    };
    answer({ type: "ready" });
  } catch {
    answer({ type: "failed" });
  }
}

/** Gives for a picture another in which red is where the person is. */
async function segmenter(): Promise<
  (picture: ImageData) => Promise<Uint8ClampedArray<ArrayBuffer>>
> {
  await load(`${SEGMENTATION}selfie_segmentation.js`);
  const Segmentation = (globalThis as unknown as { SelfieSegmentation: typeof SelfieSegmentation })
    .SelfieSegmentation;
  const segmentation = new Segmentation({ locateFile: (name) => SEGMENTATION + name });
  segmentation.setOptions({ modelSelection: LANDSCAPE });
  let found: (results: Results) => void = () => undefined;
  segmentation.onResults((results) => found(results));
  const [given, givenPen] = sheet();
  const [mask, maskPen] = sheet();
  const find = async (picture: ImageData) => {
    givenPen.putImageData(picture, 0, 0);
    const results = new Promise<Results>((resolve) => {
      found = resolve;
    });
    await segmentation.send({ image: given });
    maskPen.clearRect(0, 0, mask.width, mask.height);
    maskPen.drawImage((await results).segmentationMask, 0, 0, mask.width, mask.height);
    return maskPen.getImageData(0, 0, mask.width, mask.height).data;
  };
  // The first picture loads and compiles: it is not one that somebody waits for.
  await find(new ImageData(WIDTH, HEIGHT));
  return find;
}

function sheet(): [HTMLCanvasElement, CanvasRenderingContext2D] {
  const canvas = Object.assign(document.createElement("canvas"), { width: WIDTH, height: HEIGHT });
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  if (pen === null) {
    throw new Error("no canvas");
  }
  return [canvas, pen];
}

function load(address: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.addEventListener("load", () => resolve());
    script.addEventListener("error", reject);
    script.src = address;
    document.head.append(script);
  });
}
