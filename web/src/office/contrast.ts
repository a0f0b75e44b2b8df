// Whether words can be read (WCAG 2.2, 1.4.3), shown while a colour is chosen: the server decides.

/** What light pages put on the school's colour, and behind it: paper, and its shade. */
const SEEN_ON = ["#ffffff", "#eef2f5"];

/** How much is asked for. */
export const LEAST_CONTRAST = 4.5;

/** The contrast of a colour, as `#1d4f76`, with what it is seen on, at the worst: from 1 to 21. */
export function contrastOf(colour: string): number {
  return Math.min(...SEEN_ON.map((other) => ratio(luminance(colour), luminance(other))));
}

function ratio(one: number, other: number): number {
  return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
}

function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
