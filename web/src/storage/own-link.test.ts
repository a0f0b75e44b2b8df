import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { keepOwnLink, ownLink } from "./own-link";

const ENDS = "2026-11-26T19:30:00Z";
const NEXT_NOON = Date.parse("2026-11-27T12:00:00Z");
const NEXT_NIGHT = Date.parse("2026-11-27T20:00:00Z");

describe("a parent's own link", () => {
  const stored = new Map<string, string>();
  beforeEach(() => {
    stored.clear();
    vi.stubGlobal("localStorage", {
      getItem: (key: string) => stored.get(key) ?? null,
      setItem: (key: string, value: string) => stored.set(key, value),
      removeItem: (key: string) => stored.delete(key),
    });
  });
  afterEach(() => vi.unstubAllGlobals());

  it("is known until a day after the evening", () => {
    keepOwnLink("Maria", "/j/a#b", ENDS);
    expect(ownLink(NEXT_NOON)).toMatchObject({ name: "Maria", address: "/j/a#b" });
    expect(ownLink(NEXT_NIGHT)).toBeNull();
    expect(stored.size).toBe(0);
  });

  it.each(['{"name":"x","address":"https://elsewhere.example/","until":9e15}', "{", "7"])(
    "is not %s",
    (text) => {
      keepOwnLink("Maria", "/j/a#b", ENDS);
      for (const key of stored.keys()) {
        stored.set(key, text);
      }
      expect(ownLink(NEXT_NOON)).toBeNull();
    },
  );

  it("is unknown where there is no storage", () => {
    vi.stubGlobal("localStorage", undefined);
    keepOwnLink("Maria", "/j/a#b", ENDS);
    expect(ownLink(NEXT_NOON)).toBeNull();
  });
});
