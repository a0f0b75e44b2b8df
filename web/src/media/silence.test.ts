import { describe, expect, it } from "vitest";
import { LOOK_MS, Silence } from "./silence";

/** Looks `looks` times; at each `came(look)` more bytes have arrived. Gives when it was silent. */
function silentAt(looks: number, came: (look: number) => number): number[] {
  const silence = new Silence();
  let bytes = 0;
  const silent: number[] = [];
  for (let look = 1; look <= looks; look += 1) {
    bytes += came(look);
    if (silence.hears(bytes, look * LOOK_MS)) {
      silent.push(look);
    }
  }
  return silent;
}

describe("silence", () => {
  it("is noticed 0.75 s after a steady flow has stopped, until it goes on", () => {
    expect(silentAt(20, (look) => (look <= 10 || look > 16 ? 900 : 0))).toEqual([13, 14, 15, 16]);
  });

  it("is noticed as soon after a flow that faltered on the way", () => {
    const silent = silentAt(30, (look) => (look <= 20 && look !== 18 ? 900 : 0));
    expect(silent[0]).toBe(23);
  });

  it("is none where reports come once a second, and one of them is lost", () => {
    expect(silentAt(80, (look) => (look % 4 === 0 && look !== 40 ? 60 : 0))).toEqual([]);
  });

  it("is noticed 3.5 s after the last of such reports", () => {
    const silent = silentAt(40, (look) => (look % 4 === 0 && look <= 20 ? 60 : 0));
    expect(silent[0]).toBe(34);
  });

  it("is none after a sleep, before it was listened again", () => {
    const silence = new Silence();
    for (let look = 1; look <= 12; look += 1) {
      silence.hears(look, look * LOOK_MS);
    }
    expect(silence.hears(12, 60_000)).toBe(false);
    expect(silence.hears(12, 60_000 + LOOK_MS)).toBe(false);
  });

  it("is noticed as soon where the page had no time to look for a while", () => {
    const silence = new Silence();
    for (let look = 1; look <= 12; look += 1) {
      silence.hears(look, look * LOOK_MS);
    }
    const late = 12 * LOOK_MS + 1_600;
    silence.hears(13, late);
    const silent = [1, 2, 3].map((look) => silence.hears(13, late + look * LOOK_MS));
    expect(silent).toEqual([false, false, true]);
  });
});
