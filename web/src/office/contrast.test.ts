import { expect, test } from "vitest";
import { contrastOf, LEAST_CONTRAST } from "./contrast";

test.each([
  ["#000000", 18.68],
  ["#ffffff", 1],
  ["#1d4f76", 7.67],
  ["#767676", 4.04],
  ["#ff9900", 1.9],
])("the contrast of %s is that of the guidelines", (colour, least) => {
  expect(contrastOf(colour)).toBeCloseTo(least, 1);
});

test("our own colour can be read", () => {
  expect(contrastOf("#1d4f76")).toBeGreaterThan(LEAST_CONTRAST);
});
