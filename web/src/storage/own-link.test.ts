import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { keepOwnLink, ownLink } from "./own-link";

const ENDS = "2026-11-26T19:30:00Z";
const NEXT_NOON = Date.parse("2026-11-27T12:00:00Z");
const NEXT_NIGHT = Date.parse("2026-11-27T20:00:00Z");
const LINK = { id: "a", secret: "s3cret" };

function storage(stored: Map<string, string>) {
  return {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => stored.set(key, value),
    removeItem: (key: string) => stored.delete(key),
  };
}

describe("a parent's own link", () => {
  const device = new Map<string, string>();
  const tab = new Map<string, string>();
  beforeEach(() => {
    device.clear();
    tab.clear();
    vi.stubGlobal("localStorage", storage(device));
    vi.stubGlobal("sessionStorage", storage(tab));
  });
  afterEach(() => vi.unstubAllGlobals());

  it("is known until a day after the evening", () => {
    keepOwnLink("Maria", LINK, ENDS);
    expect(ownLink(NEXT_NOON)).toEqual({ name: "Maria", path: "/j/a", address: "/j/a#s3cret" });
    expect(ownLink(NEXT_NIGHT)).toBeNull();
    expect(device.size + tab.size).toBe(0);
  });

  it("is whole in its own tab alone", () => {
    keepOwnLink("Maria", LINK, ENDS);
    expect([...device.values()].join()).not.toContain("s3cret");
    tab.clear();
    expect(ownLink(NEXT_NOON)).toEqual({ name: "Maria", path: "/j/a", address: null });
  });

  it.each([
    '{"name":"x","path":"https://elsewhere.example/","until":9e15}',
    '{"name":"x","path":"/j/a#b","until":9e15}',
    '{"name":"Maria","address":"/j/a#s3cret","until":9e15}',
    "{",
    "7",
  ])("is not %s", (text) => {
    keepOwnLink("Maria", LINK, ENDS);
    for (const key of device.keys()) {
      device.set(key, text);
    }
    expect(ownLink(NEXT_NOON)).toBeNull();
    expect(device.size).toBe(0);
  });

  it("is unknown where there is no storage", () => {
    vi.stubGlobal("localStorage", undefined);
    vi.stubGlobal("sessionStorage", undefined);
    keepOwnLink("Maria", LINK, ENDS);
    expect(ownLink(NEXT_NOON)).toBeNull();
  });
});
