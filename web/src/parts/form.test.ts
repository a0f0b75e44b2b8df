import { describe, expect, it } from "vitest";
import english from "../text/en.json";
import { language } from "../text/text";
import type { FieldError } from "../wire/messages";
import { refused } from "./form";

const { text } = language("en", english);
const VALUES = { name: "", email: "" };

describe("a refusal", () => {
  it("stands at the fields it names, and above the form where it has none of them", () => {
    const fields: FieldError[] = [
      { field: "email", code: "unknown", reason: "Write a whole address." },
      { field: "elsewhere", code: "unknown", reason: "Something is missing." },
    ];
    const problem = { code: "invalid", title: "", status: 422, fields } as const;
    expect(refused({ ...problem, fields }, VALUES, {}, text)).toEqual({
      email: "Write a whole address.",
      "": "Something is missing.",
    });
  });

  it("stands at the field that the form says it is about", () => {
    const problem = { code: "decided_already", title: "It is taken.", status: 409 } as const;
    expect(refused(problem, VALUES, { fieldOf: () => "email" }, text)).toEqual({
      email: "It is taken.",
    });
    expect(refused(problem, VALUES, {}, text)).toEqual({ "": "It is taken." });
  });

  it("stands at the field that is called otherwise here", () => {
    const fields: FieldError[] = [
      { field: "contact", code: "unknown", reason: "Write a whole address." },
    ];
    const problem = { code: "invalid", title: "", status: 422, fields } as const;
    const names = { contact: "email" } as const;
    expect(refused(problem, VALUES, { names }, text)).toEqual({ email: "Write a whole address." });
  });

  it("is in the reader's own words where there are some", () => {
    const problem = { code: "evening_over", title: "Over, in English.", status: 409 } as const;
    expect(refused(problem, VALUES, {}, text)).toEqual({ "": "This evening is over." });
    const silent = { code: "unavailable", title: "", status: 502 } as const;
    expect(refused(silent, VALUES, {}, text)).toEqual({
      "": text("refusal_unavailable"),
    });
  });
});
