// The protocol's own samples, which the server's tests read too.

import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { CLOSES } from "./messages";
import { parseJson, read } from "./read";
import { readLinkView, readProblem, readServerMessage, readTicketGranted } from "./readers";

const FOLDER = new URL("../../../crates/wire/samples/", import.meta.url);
const sample = (name: string) => parseJson(readFileSync(new URL(name, FOLDER), "utf8"));
const message = (name: string) => read(readServerMessage, sample(name));
const names = readdirSync(FOLDER);

describe("the protocol's samples", () => {
  it.each(names.filter((name) => name.startsWith("server.")))("%s is understood", (name) => {
    expect(message(name)).toEqual({ type: "read", value: sample(name) });
  });

  it("have one of every message", () => {
    const types = names
      .filter((name) => name.startsWith("server."))
      .map(message)
      .map((said) => (said.type === "read" ? said.value.type : null));
    expect([...new Set(types)].sort()).toEqual([
      "answer",
      "chat",
      "clock",
      "countdown",
      "goodbye",
      "joined",
      "knocking",
      "notice",
      "paused",
      "people",
      "pong",
      "prepared",
      "queued",
      "refused",
      "speaking",
      "watched",
    ]);
  });

  it.each(names.filter((name) => name.startsWith("client.")))("%s is none of a server", (name) => {
    expect(message(name)).toEqual({ type: "read", value: { type: "unknown" } });
  });

  it.each([
    ["http.link-view", readLinkView],
    ["http.ticket-granted", readTicketGranted],
    ["http.problem", readProblem],
  ])("%s is understood", (prefix, reader) => {
    const found = names.filter((name) => name.startsWith(prefix));
    expect(found).not.toEqual([]);
    for (const name of found) {
      const found: unknown = read<unknown>(reader, sample(name));
      expect(found, name).toEqual({ type: "read", value: sample(name) });
    }
  });

  it("name the close codes that this page follows", () => {
    const listed = sample("close-codes.json");
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
