// Each reader, tried with what the server's own types take and refuse (made by `scripts/generate`).

import { describe, expect, it } from "vitest";
import * as office from "./office-readers";
import { type Read, read } from "./read";
import * as links from "./readers";
import file from "./testing/bodies.json";

type Try = { readonly body: unknown; readonly fields?: Readonly<Record<string, string>> };

const READERS = { ...links, ...office } as Readonly<Record<string, Read<unknown>>>;
const BODIES = Object.entries(file.bodies as unknown as Record<string, readonly Try[]>);
const CHANGES: readonly unknown[] = [undefined, ...file.instead];

function readerOf(name: string): Read<unknown> {
  const reader = READERS[`read${name}`];
  expect(reader, `a reader of ${name}`).toBeDefined();
  return reader as Read<unknown>;
}

describe.each(BODIES)("%s", (name, tries) => {
  it("is read as the server writes it, without what is not known yet", () => {
    for (const { body, fields } of tries) {
      expect(read(readerOf(name), body)).toEqual({ type: "read", value: body });
      if (fields !== undefined) {
        const later = { ...(body as object), later: { deep: [1] } };
        expect(read(readerOf(name), later)).toEqual({ type: "read", value: body });
      }
    }
  });

  it("is taken where the server's type takes it, and refused by the field's name where not", () => {
    for (const { field, change, body, verdict } of tries.flatMap(changesOf)) {
      const said = read(readerOf(name), body);
      const about = `${field} is ${JSON.stringify(change)}`;
      switch (verdict) {
        case "+":
          expect(said, about).toMatchObject({ type: "read" });
          break;
        case "-":
          expect(said.type === "wrong" && said.at.split(".")[0], about).toBe(field);
          break;
        case "?":
          expect(said, about).toMatchObject({ type: "read", value: { [field]: "unknown" } });
          break;
        default:
          expect.unreachable(`${about}: no verdict`);
      }
    }
  });

  it("is refused where it is something else", () => {
    for (const value of [undefined, null, 7, [], ["type"]]) {
      expect(read(readerOf(name), value)).toEqual({ type: "wrong", at: "" });
    }
  });

  it("may be one that a later server has, where it is one of several", () => {
    const [first] = tries;
    if (typeof first?.body === "string") {
      expect(read(readerOf(name), "later")).toEqual({ type: "read", value: "unknown" });
      expect(read(readerOf(name), "constructor")).toEqual({ type: "read", value: "unknown" });
    } else if (tries.length > 1 || (first !== undefined && "type" in (first.body as object))) {
      const later = { type: "later", more: 1 };
      expect(read(readerOf(name), later)).toEqual({ type: "read", value: { type: "unknown" } });
      expect(read(readerOf(name), {})).toEqual({ type: "wrong", at: "type" });
    }
  });
});

it("every reader is tried", () => {
  const tried = BODIES.map(([name]) => `read${name}`);
  expect(Object.keys(READERS).sort()).toEqual(tried.sort());
});

/** Every change of one field, with what the server's type says of it. */
function changesOf({ body, fields = {} }: Try) {
  return Object.entries(fields).flatMap(([field, verdicts]) =>
    CHANGES.map((change, number) => ({
      field,
      change,
      body: changed(body as object, field, change),
      verdict: verdicts[number],
    })),
  );
}

function changed(body: object, field: string, change: unknown): object {
  const copy: Record<string, unknown> = { ...body };
  if (change === undefined) {
    delete copy[field];
  } else {
    copy[field] = change;
  }
  return copy;
}
