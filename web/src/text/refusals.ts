// The words for a refusal: the reader's own where there are some, else the server's sentence.

import { LONGEST_NAME, LONGEST_NOTE } from "../wire/limits";
import type { FieldError, Problem } from "../wire/messages";
import { isTextKey, type Text } from "./text";

const HOUR_MS = 3_600_000;

export function wordsOf(problem: Problem, text: Text): string {
  const { code, title, status, retry_after_ms: again = 0 } = problem;
  // Not this server's words, which always have a sentence: a proxy's or a filter's.
  if (title === "" && code === "unavailable" && status >= 400 && status < 500) {
    return text("refusal_between", { status });
  }
  const key = `refusal_${code}`;
  if (isTextKey(key)) {
    return text(key, { hours: Math.max(1, Math.ceil(again / HOUR_MS)) });
  }
  return title === "" ? text("refusal_unavailable") : title;
}

/** What is wrong with a field. */
export function wordsOfField({ code, reason }: FieldError, text: Text): string {
  const key = `field_${code}`;
  const most = code === "note_too_long" ? LONGEST_NOTE : LONGEST_NAME;
  return isTextKey(key) ? text(key, { most }) : reason;
}
