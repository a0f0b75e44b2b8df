import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { cameBy, keepCameBy } from "./came-by";

const HOUR = 3_600_000;

describe("the presses by which somebody came", () => {
  const device = new Map<string, string>();
  beforeEach(() => {
    device.clear();
    vi.stubGlobal("localStorage", {
      getItem: (key: string) => device.get(key) ?? null,
      setItem: (key: string, value: string) => device.set(key, value),
    });
  });
  afterEach(() => vi.unstubAllGlobals());

  it("are those of one door, the newest first", () => {
    keepCameBy("a", "1", 0);
    keepCameBy("a", "2", 1);
    keepCameBy("a", "1", 2);
    expect(cameBy("a", 3)).toEqual(["1", "2"]);
    expect(cameBy("b", 3)).toEqual([]);
  });

  it("are four at most", () => {
    for (const attempt of ["1", "2", "3", "4", "5"]) {
      keepCameBy("a", attempt, 0);
    }
    expect(cameBy("a", 1)).toEqual(["5", "4", "3", "2"]);
  });

  it("are kept for a day", () => {
    keepCameBy("a", "1", 0);
    keepCameBy("a", "2", 12 * HOUR);
    expect(cameBy("a", 24 * HOUR - 1)).toEqual(["2", "1"]);
    expect(cameBy("a", 24 * HOUR)).toEqual(["2"]);
  });

  it("are none where something else is kept", () => {
    device.set("homeroom.came-by.a", "[1]");
    expect(cameBy("a", 0)).toEqual([]);
    keepCameBy("a", "1", 0);
    expect(cameBy("a", 0)).toEqual(["1"]);
  });
});
