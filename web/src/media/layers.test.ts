import { describe, expect, it } from "vitest";
import { encodings, shape } from "./layers";

function shaped(offered: number, height: number, watched = 3) {
  const all = encodings(offered);
  shape(all, height, watched);
  return all.map(({ active, scaleResolutionDownBy: scale }) => (active ? scale : null));
}

describe("the layers of a camera", () => {
  it("are three from 720 lines on, two from 360 on, and else one", () => {
    expect(shaped(3, 720)).toEqual([4, 2, 1]);
    expect(shaped(3, 480)).toEqual([2, 1, null]);
    expect(shaped(3, 180)).toEqual([1, null, null]);
  });

  it("are no more than were offered", () => {
    expect(shaped(2, 1080)).toEqual([2, 1]);
  });

  it("are no more than anybody watches, and never none", () => {
    expect(shaped(3, 720, 2)).toEqual([4, 2, null]);
    expect(shaped(3, 720, 0)).toEqual([4, null, null]);
  });

  it("have names, and bitrates that fit their size", () => {
    const all = encodings(3);
    expect(all.map(({ rid }) => rid)).toEqual(["l0", "l1", "l2"]);
    shape(all, 720, 3);
    expect(all.map(({ maxBitrate }) => maxBitrate)).toEqual([180_000, 600_000, 1_500_000]);
  });
});
