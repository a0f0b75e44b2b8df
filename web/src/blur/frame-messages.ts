// What a page and the frame that finds out where the person is say to each other.

/** The size of a picture between them, pixels: that of the model. */
export const WIDTH = 256;
export const HEIGHT = 144;

/** A picture, four bytes a pixel, in which the person is to be found; the answer has its number. */
export type Asked = { readonly number: number; readonly pixels: Uint8ClampedArray<ArrayBuffer> };

export type Answer =
  /** It can be asked. */
  | { readonly type: "ready" }
  /** Red is where the person is. */
  | {
      readonly type: "mask";
      readonly number: number;
      readonly pixels: Uint8ClampedArray<ArrayBuffer>;
    }
  /** It cannot be done here, or with the picture of that number. */
  | { readonly type: "failed"; readonly number?: number };
