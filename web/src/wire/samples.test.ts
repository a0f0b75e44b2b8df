// The protocol's own samples, which the server's tests read too.

import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { CLOSES } from "./messages";
import { isLinkView, isProblem, isTicketGranted, parseJson, parseServerMessage } from "./parse";

const FOLDER = new URL("../../../crates/wire/samples/", import.meta.url);
const read = (name: string) => readFileSync(new URL(name, FOLDER), "utf8");
const names = readdirSync(FOLDER);

describe("the protocol's samples", () => {
  it.each(names.filter((name) => name.startsWith("server.")))("%s is understood", (name) => {
    const text = read(name);
    expect(parseServerMessage(text)).toEqual(JSON.parse(text));
  });

  it("have one of every message", () => {
    const types = names
      .filter((name) => name.startsWith("server."))
      .map((name) => parseServerMessage(read(name))?.type);
    expect([...new Set(types)].sort()).toEqual([
      "answer",
      "goodbye",
      "joined",
      "notice",
      "paused",
      "people",
      "pong",
      "queued",
      "refused",
      "speaking",
      "watched",
    ]);
  });

  it.each(names.filter((name) => name.startsWith("client.")))("%s is none of a server", (name) => {
    expect(parseServerMessage(read(name))).toBeNull();
  });

  it.each([
    ["http.link-view", isLinkView],
    ["http.ticket-granted", isTicketGranted],
    ["http.problem", isProblem],
  ])("%s is understood", (prefix, check) => {
    const found = names.filter((name) => name.startsWith(prefix));
    expect(found).not.toEqual([]);
    for (const name of found) {
      expect(check(parseJson(read(name))), name).toBe(true);
    }
  });

  it("name the close codes that this page follows", () => {
    const listed = parseJson(read("close-codes.json"));
    expect(Array.isArray(listed)).toBe(true);
    const ours = Object.entries(CLOSES).map(([code, { close, comeBack }]) => ({
      code: Number(code),
      close,
      come_back: comeBack,
    }));
    const byCode = (a: { code: number }, b: { code: number }) => a.code - b.code;
    expect(ours.sort(byCode)).toEqual((listed as { code: number }[]).sort(byCode));
  });
});
