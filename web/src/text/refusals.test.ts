// Whose words a refusal is told in.

import { expect, it } from "vitest";
import type { Problem } from "../wire/messages";
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
