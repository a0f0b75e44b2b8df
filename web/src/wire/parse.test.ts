import { describe, expect, it } from "vitest";
import { joined, queued } from "../session/testing/messages";
import { isLinkView, isProblem, isTicketGranted, parseJson, parseServerMessage } from "./parse";

const said = (message: unknown) => parseServerMessage(JSON.stringify(message));

describe("a message of the server", () => {
  it("is taken as it is", () => {
    expect(said(joined())).toEqual(joined());
    expect(said(queued(2))).toEqual(queued(2));
  });

  it("may carry fields that are not known yet", () => {
    expect(said({ ...queued(1), more: true })).not.toBeNull();
  });

  it.each([
    ["no JSON", "{"],
    ["binary", new ArrayBuffer(2)],
    ["a list", "[]"],
    ["null", "null"],
    ["no type", "{}"],
    ["an unknown type", '{"type":"dance"}'],
    ["a type every object has", '{"type":"constructor"}'],
    ["a field missing", '{"type":"pong"}'],
    ["a field of another type", '{"type":"pong","n":"1"}'],
    ["a negative count", '{"type":"pong","n":-1}'],
    ["an unknown reason", '{"type":"goodbye","reason":"bored"}'],
    ["a person without a name", '{"type":"people","people":[{"participant":1}]}'],
  ])("is refused: %s", (_, data) => {
    expect(parseServerMessage(data)).toBeNull();
  });

  it("is refused where one person of many is wrong", () => {
    const message = joined();
    const people = [...message.people, { ...message.people[0], role: "pupil" }];
    expect(said({ ...message, people })).toBeNull();
  });
});

describe("the bodies about a link", () => {
  it("are told from others", () => {
    const view = {
      name: "A",
      role: "guest",
      title: "T",
      others: [],
      in_use: false,
      appointments: [],
      seen: "",
    };
    expect(isLinkView(view)).toBe(true);
    expect(isLinkView({ ...view, others: [{ name: "B" }] })).toBe(false);
    expect(isTicketGranted({ ticket: "t", expires_in_ms: 60_000 })).toBe(true);
    expect(isTicketGranted({ ticket: 1, expires_in_ms: 60_000 })).toBe(false);
    const problem = { code: "too_many", title: "T", status: 429 };
    expect(isProblem(problem)).toBe(true);
    expect(isProblem({ ...problem, retry_after_ms: 5 })).toBe(true);
    expect(isProblem({ ...problem, code: "teapot" })).toBe(false);
    expect(isProblem({ ...problem, retry_after_ms: "5" })).toBe(false);
  });

  it("may be no JSON at all", () => {
    expect(parseJson("<html>")).toBeNull();
  });
});
