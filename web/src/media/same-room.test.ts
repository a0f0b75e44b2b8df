import { expect, it } from "vitest";
import { SameRoom } from "./same-room";

/** Somebody who speaks and pauses, in looks of 80 ms; each `seed` is somebody else. */
function voice(seed: number, looks: number): number[] {
  let state = seed;
  const random = () => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  };
  const levels: number[] = [];
  while (levels.length < looks) {
    const speaks = random() < 0.5;
    const length = 2 + Math.floor(random() * 8);
    levels.push(...Array.from({ length }, () => (speaks ? 0.4 + random() * 0.4 : random() * 0.05)));
  }
  return levels.slice(0, looks);
}

/** When it is first told that both are in one room, `null` for never. */
function toldAt(own: readonly number[], other: readonly number[]): number | null {
  const room = new SameRoom();
  const told = own.findIndex((level, look) => room.take(level, other[look] ?? 0));
  return told < 0 ? null : told;
}

const LOOKS = 400;

it("tells of a device that hears the same, softer and a moment later", () => {
  for (const lag of [0, 2, 4]) {
    const own = voice(7, LOOKS);
    const noise = voice(9, LOOKS);
    const other = own.map((_, look) => 0.5 * (own[look - lag] ?? 0) + 0.1 * (noise[look] ?? 0));
    expect(toldAt(own, other)).toBeLessThan(200);
  }
});

it("tells of nobody who speaks in a room of their own, in turn or at once", () => {
  for (let seed = 1; seed <= 200; seed += 1) {
    const own = voice(seed, LOOKS);
    expect(toldAt(own, voice(seed + 1_000, LOOKS))).toBeNull();
    const answers = own.map((level) => (level > 0.3 ? 0.02 : 0.5));
    expect(toldAt(own, answers)).toBeNull();
  }
});

it("tells of nobody while one of them is silent", () => {
  const own = voice(7, LOOKS);
  expect(
    toldAt(
      own,
      own.map(() => 0),
    ),
  ).toBeNull();
  expect(
    toldAt(
      own.map(() => 0),
      own,
    ),
  ).toBeNull();
  expect(
    toldAt(
      own.map(() => 0.5),
      own,
    ),
  ).toBeNull();
});

it("tells no more when they part", () => {
  const room = new SameRoom();
  const own = voice(7, LOOKS);
  let told = false;
  for (const level of own) {
    told = room.take(level, level);
  }
  expect(told).toBe(true);
  voice(3, LOOKS).forEach((level, look) => {
    told = room.take(own[look] ?? 0, level);
  });
  expect(told).toBe(false);
});
