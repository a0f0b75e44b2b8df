import { expect, it } from "vitest";
import { OwnVoice } from "./own-voice";

const LOOK_MS = 80;

/** What is told of these levels, one look after another. */
function judged(isMuted: boolean, levels: readonly number[]) {
  const voice = new OwnVoice(isMuted);
  return levels.map((level, look) => voice.take(level, look * LOOK_MS));
}

const repeated = (level: number, looks: number) => Array.from({ length: looks }, () => level);

it("tells whoever speaks while muted, not of a cough, and no longer when they stop", () => {
  const told = judged(true, [...repeated(0.5, 5), ...repeated(0, 25)]);
  expect(told.every((voice) => voice === null)).toBe(true);
  const speech = judged(true, [...repeated(0.5, 6), ...repeated(0, 20)]);
  expect(speech[5]).toBe("speaks_muted");
  expect(speech.at(-1)).toBe(null);
});

it("tells of an open microphone that gives nothing from the beginning on, until it gives something", () => {
  const told = judged(false, [...repeated(0, 51), 0.2, ...repeated(0, 100)]);
  expect(told[49]).toBe(null);
  expect(told[50]).toBe("silent");
  expect(told.slice(51).every((voice) => voice === null)).toBe(true);
});

it("says nothing of speech that is heard, nor of silence that is meant", () => {
  expect(judged(false, repeated(0.5, 100)).every((voice) => voice === null)).toBe(true);
  expect(judged(true, repeated(0, 100)).every((voice) => voice === null)).toBe(true);
});
