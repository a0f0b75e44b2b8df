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

it("a browser that does not say when is believed", () => {
  const heard = new Heard();
  expect(heard.isSilent(0, null, 0)).toBe(false);
  expect(heard.isSilent(0, null, 60_000)).toBe(false);
});
