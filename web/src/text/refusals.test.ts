// Whose words a refusal is told in.

import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import type { Problem } from "../wire/messages";
import english from "./en.json";
import { wordsOf, wordsOfField } from "./refusals";
import { type Catalogue, language } from "./text";

// As at a build, where English leaves most refusals to the server.
const POLISH = { refusal_of_a_test: "Nie", field_of_a_test: "Źle" } as Catalogue;
const problem = { code: "of_a_test", title: "No", status: 409 } as unknown as Problem;
const field = { field: "name", code: "of_a_test", reason: "Wrong" } as unknown as Parameters<
  typeof wordsOfField
>[0];

it("is the reader's language where it has some", () => {
  const { text } = language("pl", POLISH);
  expect([wordsOf(problem, text), wordsOfField(field, text)]).toEqual(["Nie", "Źle"]);
});

it("is the server's sentence where neither the reader's language nor English has any", () => {
  const { text } = language("pl", {});
  expect([wordsOf(problem, text), wordsOfField(field, text)]).toEqual(["No", "Wrong"]);
});

/** Where the server tells the office more than the code does: which decision it was, or what of a file. */
const SAYS_MORE = ["court_order_stands", "decided_already", "unreadable_file"];

it("there are words for every code, and with them in every language", () => {
  const file = new URL("../../../crates/wire/openapi.json", import.meta.url);
  const { schemas } = JSON.parse(readFileSync(file, "utf8")).components;
  const codesOf = (name: string): string[] => schemas[name].enum;
  const refusals = codesOf("ProblemCode").filter((code) => !SAYS_MORE.includes(code));
  const keys = [
    ...refusals.map((code) => `refusal_${code}`),
    ...codesOf("FieldCode").map((code) => `field_${code}`),
  ];
  expect(keys.length).toBeGreaterThan(80);
  expect(keys.filter((key) => !Object.hasOwn(english, key))).toEqual([]);
});
