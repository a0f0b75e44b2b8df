import { describe, expect, it } from "vitest";
import { oneAtATime } from "./one-at-a-time";

/** Work whose ends come when they are told to. */
function slowly() {
  const begun: string[] = [];
  const ends: (() => void)[] = [];
  const tell = oneAtATime<string>((word) => {
    begun.push(word);
    return new Promise((end) => ends.push(end));
  });
  const endOne = async () => {
    ends.shift()?.();
    await new Promise((done) => setTimeout(done));
  };
  return { begun, endOne, tell };
}

describe("what is told one at a time", () => {
  it("begins at once", () => {
    const { begun, tell } = slowly();
    tell("de");
    expect(begun).toEqual(["de"]);
  });

  it("waits for what was told before, and only the newest is told then", async () => {
    const { begun, endOne, tell } = slowly();
    for (const tag of ["de", "fr", "pl"]) {
      tell(tag);
    }
    expect(begun).toEqual(["de"]);
    await endOne();
    expect(begun).toEqual(["de", "pl"]);
    await endOne();
    tell("en");
    expect(begun).toEqual(["de", "pl", "en"]);
  });
});
