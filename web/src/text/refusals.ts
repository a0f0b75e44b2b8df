// The words for a refusal: the reader's own where there are some, else the server's sentence.

import {
  LONGEST_GAP,
  LONGEST_NAME,
  LONGEST_NOTE,
  LONGEST_PASSWORD,
  LONGEST_RETENTION,
  LONGEST_SLOT,
  SHORTEST_PASSWORD,
  SHORTEST_RETENTION,
  SHORTEST_SLOT,
} from "../wire/limits";
import type { FieldError, Problem } from "../wire/messages";
import { type Text, textOf } from "./text";

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

export function wordsOf(problem: Problem, text: Text): string {
  const { code, title, status, retry_after_ms: again = 0 } = problem;
  // Not this server's words, which always have a sentence: a proxy's or a filter's.
  if (title === "" && code === "unavailable" && status >= 400 && status < 500) {
    return text("refusal_between", { status });
  }
  const units = (ms: number) => Math.max(1, Math.ceil(again / ms));
  const waits = { hours: units(HOUR_MS), minutes: units(MINUTE_MS) };
  const sentence = title === "" ? text("refusal_unavailable") : title;
  return textOf(text, `refusal_${code}`, waits) ?? sentence;
}

/** The least and the most that a field takes, where what is wrong with it is that. */
const LIMITS: Partial<Record<FieldError["code"], readonly [least: number, most: number]>> = {
  note_too_long: [0, LONGEST_NOTE],
  password_too_short: [SHORTEST_PASSWORD, LONGEST_PASSWORD],
  password_too_long: [SHORTEST_PASSWORD, LONGEST_PASSWORD],
  retention: [SHORTEST_RETENTION, LONGEST_RETENTION],
  slot_length: [SHORTEST_SLOT, LONGEST_SLOT],
  gap_length: [0, LONGEST_GAP],
};

/** What is wrong with a field. */
export function wordsOfField({ code, reason }: FieldError, text: Text): string {
  const [least, most] = LIMITS[code] ?? [0, LONGEST_NAME];
  return textOf(text, `field_${code}`, { least, most }) ?? reason;
}
