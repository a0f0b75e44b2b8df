// The words for a refusal: the reader's own where there are some, else the server's sentence.

import { LONGEST_NAME, LONGEST_NOTE } from "../wire/limits";
import type { FieldError, Problem } from "../wire/messages";
import { type Text, textOf } from "./text";

const HOUR_MS = 3_600_000;

export function wordsOf(problem: Problem, text: Text): string {
  const { code, title, status, retry_after_ms: again = 0 } = problem;
  // Not this server's words, which always have a sentence: a proxy's or a filter's.
  if (title === "" && code === "unavailable" && status >= 400 && status < 500) {
    return text("refusal_between", { status });
  }
  const hours = Math.max(1, Math.ceil(again / HOUR_MS));
  const sentence = title === "" ? text("refusal_unavailable") : title;
  return textOf(text, `refusal_${code}`, { hours }) ?? sentence;
}

/** What is wrong with a field. */
export function wordsOfField({ code, reason }: FieldError, text: Text): string {
  const most = code === "note_too_long" ? LONGEST_NOTE : LONGEST_NAME;
  return textOf(text, `field_${code}`, { most }) ?? reason;
}
