import { expect, it } from "vitest";
import { Heard } from "./heard";

it("a line is silent when nothing new is played, and heard again with the next packet", () => {
  const heard = new Heard();
  expect(heard.isSilent(0, 100, 0)).toBe(false);
  expect(heard.isSilent(0, 120, 300)).toBe(false);
  expect(heard.isSilent(0, 120, 900)).toBe(false);
  expect(heard.isSilent(0, 120, 1600)).toBe(true);
  expect(heard.isSilent(1, 7, 1600)).toBe(false);
  expect(heard.isSilent(0, 140, 1700)).toBe(false);
});

it("a line on which nothing is expected is not silent, and has its whole time when something is again", () => {
  const heard = new Heard(4_000);
  heard.isSilent(0, 100, 0);
  expect(heard.isSilent(0, 100, 4_001)).toBe(true);
  heard.forget(0);
  expect(heard.isSilent(0, 100, 5_000)).toBe(false);
  expect(heard.isSilent(0, 100, 9_000)).toBe(false);
  expect(heard.isSilent(0, null, 9_001)).toBe(true);
});

it("a browser that does not say when is believed", () => {
  const heard = new Heard();
  expect(heard.isSilent(0, null, 0)).toBe(false);
  expect(heard.isSilent(0, null, 60_000)).toBe(false);
});
