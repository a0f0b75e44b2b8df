import { describe, expect, it } from "vitest";
import { joined, queued } from "../session/testing/messages";
import { LONGEST_MESSAGE, MOST_ROWS } from "./limits";
import { readAudit, readLinkShown } from "./office-readers";
import { instant, listOf, parseJson, read, text } from "./read";
import { recordOf } from "./read-office";
import { readProblem, readServerMessage } from "./readers";

const said = (message: unknown) => read(readServerMessage, message);

describe("a message of the server", () => {
  it("is taken as it is", () => {
    expect(said(joined())).toEqual({ type: "read", value: joined() });
    expect(said(queued(2))).toEqual({ type: "read", value: queued(2) });
  });

  it.each([
    ["no JSON", parseJson("{"), ""],
    ["a list", [], ""],
    ["null", null, ""],
    ["no type", {}, "type"],
    ["a field missing", { type: "pong" }, "n"],
    ["a field of another type", { type: "pong", n: "1" }, "n"],
    ["a negative count", { type: "pong", n: -1 }, "n"],
    ["a part of a count", { type: "pong", n: 0.5 }, "n"],
    ["a person without a name", { type: "people", people: [{ participant: 1 }] }, "people.0.name"],
  ])("is refused with the place: %s", (_, value, at) => {
    expect(said(value)).toEqual({ type: "wrong", at });
  });

  it("is refused where one person of many is wrong", () => {
    const { people } = joined();
    const wrong = [...people, { ...people[0], sends: { camera: 1 } }];
    expect(said({ ...joined(), people: wrong })).toEqual({
      type: "wrong",
      at: "people.2.sends.camera",
    });
  });

  it("may name what this page does not know", () => {
    const people = [{ ...joined().people[0], role: "observer" }];
    expect(said({ type: "people", people })).toMatchObject({
      value: { people: [{ role: "unknown" }] },
    });
    expect(said({ type: "goodbye", reason: "bored" })).toMatchObject({
      value: { reason: "unknown" },
    });
    expect(said({ type: "notice", notice: { type: "storm", ahead: true } })).toMatchObject({
      value: { notice: { type: "unknown" } },
    });
    expect(said({ type: "constructor" })).toEqual({ type: "read", value: { type: "unknown" } });
  });
});

describe("what is read", () => {
  it("has bounds", () => {
    const most = "a".repeat(LONGEST_MESSAGE);
    expect(read(text, most).type).toBe("read");
    expect(read(text, `${most}a`)).toEqual({ type: "wrong", at: "" });
    const list: unknown[] = new Array(8 * MOST_ROWS + 1).fill("a");
    expect(read(listOf(text), list)).toEqual({ type: "wrong", at: "" });
  });

  it("leads nowhere but to web pages", () => {
    expect(read(readLinkShown, { url: "https://meet.school.example/j/a#b" }).type).toBe("read");
    expect(read(readLinkShown, { url: "javascript:alert(1)" })).toEqual({
      type: "wrong",
      at: "url",
    });
  });

  it("names people by texts, whatever they are called by", () => {
    const names = JSON.parse('{"contact:2":"Maria","__proto__":"Ana"}') as object;
    expect(read(readAudit, { rows: [], names })).toEqual({
      type: "read",
      value: { rows: [], names },
    });
    expect(read(readAudit, { rows: [], names: { "contact:2": 2 } })).toEqual({
      type: "wrong",
      at: "names.contact:2",
    });
    expect(read(recordOf(text), JSON.parse('{"__proto__":1}')).type).toBe("wrong");
  });

  it("has problems whose fields can be shown", () => {
    const problem = { code: "invalid", title: "", status: 422 };
    const field = { field: "name", code: "name_missing", reason: "Enter a name" };
    const known = { ...problem, fields: [field] };
    expect(read(readProblem, known)).toEqual({ type: "read", value: known });
    expect(read(readProblem, { ...problem, fields: [{ ...field, code: "teapot" }] })).toMatchObject(
      {
        value: { fields: [{ ...field, code: "unknown" }] },
      },
    );
    expect(read(readProblem, { ...problem, fields: [{ field: "name" }] }).type).toBe("wrong");
    expect(read(readProblem, { ...problem, code: "teapot" })).toMatchObject({
      value: { ...problem, code: "unknown" },
    });
  });
});

describe("a moment", () => {
  it.each(["2026-11-26T17:00:00Z", "2026-11-26T17:00:00.123456789Z", "2026-11-26T17:00:00+01:00"])(
    "is %s",
    (value) => expect(read(instant, value).type).toBe("read"),
  );
  it.each(["", "2026-11-26", "17:00", "2026-13-45T17:00:00Z", 0, null])("is not %s", (value) => {
    expect(read(instant, value).type).toBe("wrong");
  });
});
