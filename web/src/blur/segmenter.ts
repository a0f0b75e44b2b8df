// Finds out where in a picture the person is, in a frame of its own: see `frame.ts`.

import { type Answer, type Asked, HEIGHT, WIDTH } from "./frame-messages";

/** How long it may take to load on a slow line, and then for one picture, milliseconds. */
const LOADING = 60_000;
const FINDING = 5_000;

export class Segmenter {
  private readonly frame: HTMLIFrameElement;
  private readonly port: MessagePort;
  /** One picture at a time, whoever asks. */
  private last: Promise<unknown> = Promise.resolve();
  private number = 0;

  private constructor(frame: HTMLIFrameElement, port: MessagePort) {
    this.frame = frame;
    this.port = port;
  }

  /** Nothing where this browser cannot do it, or it cannot be loaded. */
  static async open(): Promise<Segmenter | null> {
    const frame = document.createElement("iframe");
    frame.setAttribute("sandbox", "allow-scripts");
    frame.hidden = true;
    frame.src = "/blur";
    const { port1, port2 } = new MessageChannel();
    frame.addEventListener("load", () => frame.contentWindow?.postMessage(null, "*", [port2]), {
      once: true,
    });
    const answered = answer(port1, LOADING);
    document.body.append(frame);
    if ((await answered)?.type === "ready") {
      return new Segmenter(frame, port1);
    }
    frame.remove();
    return null;
  }

  /** How much of each pixel is the person, as the alpha of a picture; nothing where it failed. */
  mask(picture: ImageData): Promise<ImageData | null> {
    const mask = this.last.then(() => this.find(picture));
    this.last = mask;
    return mask;
  }

  close(): void {
    this.port.close();
    this.frame.remove();
  }

  private async find(picture: ImageData): Promise<ImageData | null> {
    this.number += 1;
    const { number } = this;
    // What comes for one that was given up is not where the person is now.
    const answered = answer(this.port, FINDING, number);
    const asked: Asked = { number, pixels: picture.data };
    this.port.postMessage(asked, [picture.data.buffer]);
    const found = await answered;
    if (found?.type !== "mask" || found.pixels.length !== 4 * WIDTH * HEIGHT) {
      return null;
    }
    const { pixels } = found;
    for (let at = 0; at < pixels.length; at += 4) {
      pixels[at + 3] = pixels[at] ?? 0;
    }
    return new ImageData(pixels, WIDTH, HEIGHT);
  }
}

/** The next answer, of that number where there is one; nothing where none comes in time. */
function answer(port: MessagePort, within: number, number?: number): Promise<Answer | null> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(null), within);
    port.onmessage = ({ data }: MessageEvent<Answer>) => {
      if (number === undefined || (data.type !== "ready" && data.number === number)) {
        clearTimeout(timer);
        resolve(data);
      }
    };
  });
}
