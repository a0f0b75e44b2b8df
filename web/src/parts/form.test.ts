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
      { field: "email", code: "email_invalid", reason: "Write a whole address." },
      { field: "elsewhere", code: "unknown", reason: "Something is missing." },
    ];
    const problem = { code: "invalid", title: "", status: 422, fields } as const;
    expect(refused({ ...problem, fields }, VALUES, undefined, text)).toEqual({
      email: "Write a whole address.",
      "": "Something is missing.",
    });
  });

  it("stands at the field that the form says it is about", () => {
    const problem = { code: "email_taken", title: "It is taken.", status: 409 } as const;
    expect(refused(problem, VALUES, () => "email", text)).toEqual({ email: "It is taken." });
    expect(refused(problem, VALUES, undefined, text)).toEqual({ "": "It is taken." });
  });

  it("is in the reader's own words where there are some", () => {
    const problem = { code: "evening_over", title: "Over, in English.", status: 409 } as const;
    expect(refused(problem, VALUES, undefined, text)).toEqual({ "": "This evening is over." });
    const silent = { code: "unavailable", title: "", status: 502 } as const;
    expect(refused(silent, VALUES, undefined, text)).toEqual({
      "": text("refusal_unavailable"),
    });
  });
});
