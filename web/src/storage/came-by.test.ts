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

  it("are those of this device, the newest first", () => {
    keepCameBy("1", 0);
    keepCameBy("2", 1);
    keepCameBy("1", 2);
    expect(cameBy(3)).toEqual(["1", "2"]);
  });

  it("are four at most", () => {
    for (const attempt of ["1", "2", "3", "4", "5"]) {
      keepCameBy(attempt, 0);
    }
    expect(cameBy(1)).toEqual(["5", "4", "3", "2"]);
  });

  it("are kept for a day", () => {
    keepCameBy("1", 0);
    keepCameBy("2", 12 * HOUR);
    expect(cameBy(24 * HOUR - 1)).toEqual(["2", "1"]);
    expect(cameBy(24 * HOUR)).toEqual(["2"]);
  });

  it("are none where something else is kept", () => {
    device.set("homeroom.came-by", "[1]");
    expect(cameBy(0)).toEqual([]);
    keepCameBy("1", 0);
    expect(cameBy(0)).toEqual(["1"]);
  });
});
