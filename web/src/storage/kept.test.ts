import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { forget, keep, keepWritten, kept, keptWritten } from "./kept";

const KEPT = { held: { id: "s", secret: "x", epoch: 2 }, microphone: true, camera: false };

describe("what a reload finds", () => {
  let stored: Map<string, string>;
  beforeEach(() => {
    stored = new Map();
    vi.stubGlobal("sessionStorage", {
      getItem: (key: string) => stored.get(key) ?? null,
      setItem: (key: string, value: string) => stored.set(key, value),
      removeItem: (key: string) => stored.delete(key),
    });
  });
  afterEach(() => vi.unstubAllGlobals());

  it("is what was kept for this link, until it is forgotten", () => {
    keep("a", KEPT);
    expect(kept("a")).toEqual(KEPT);
    expect(kept("b")).toBeNull();
    forget("a");
    expect(kept("a")).toBeNull();
  });

  it("is what was written in the call, until the session is forgotten", () => {
    const lines = [{ number: 1, participant: 2, name: "Ms Okafor", text: "page 12" }];
    keepWritten("a", lines);
    expect(keptWritten("a")).toEqual(lines);
    expect(keptWritten("b")).toEqual([]);
    forget("a");
    expect(keptWritten("a")).toEqual([]);
    keepWritten("a", lines);
    stored.set([...stored.keys()].at(-1) ?? "", '[{"number":1}]');
    expect(keptWritten("a")).toEqual([]);
  });

  it.each(["{", "null", "7", '{"held":null}', '{"held":{"id":1,"secret":"x","epoch":2}}'])(
    "is nothing where somebody wrote %s",
    (text) => {
      keep("a", KEPT);
      for (const key of stored.keys()) {
        stored.set(key, text);
      }
      expect(kept("a")).toBeNull();
    },
  );

  it("is nothing where there is no storage", () => {
    vi.unstubAllGlobals();
    vi.stubGlobal("sessionStorage", undefined);
    keep("a", KEPT);
    expect(kept("a")).toBeNull();
  });
});
