/** Reading a QR code as a phone does: from what is seen of it. */

import jsqr from "jsqr";
import type { Locator, Page } from "playwright-core";
import { until } from "./until.ts";

/** What the code says. `blank` is a page that shows nothing of the product: it takes the picture apart. */
export async function readQr(code: Locator, blank: Page): Promise<string> {
  const png = (await code.screenshot()).toString("base64");
  await blank.goto("about:blank");
  const { width, height, bytes } = await blank.evaluate(async (png) => {
    const picture = await fetch(`data:image/png;base64,${png}`);
    const bitmap = await createImageBitmap(await picture.blob());
    const { width, height } = bitmap;
    const drawn = new OffscreenCanvas(width, height).getContext("2d");
    drawn?.drawImage(bitmap, 0, 0);
    return {
      width,
      height,
      bytes: Array.from(drawn?.getImageData(0, 0, width, height).data ?? []),
    };
  }, png);
  const read = () => jsqr.default(new Uint8ClampedArray(bytes), width, height)?.data;
  return until("the QR code is read", read);
}
