// One request to this server's API, and whatever came of it as a value.

import { ATTEMPT_DIGITS } from "../wire/limits";
import type { Problem, ProblemCode } from "../wire/messages";
import { complain, parseJson, type Read, read } from "../wire/read";
import { readProblem } from "../wire/readers";

const TIMEOUT_MS = 10_000;

/** What came of it: what was asked for, a refusal (by this server or one before it), or no answer. */
export type Answer<T> =
  | { readonly type: "given"; readonly body: T }
  | { readonly type: "refused"; readonly problem: Problem }
  | { readonly type: "unreachable" };

export type Question = {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
  readonly body?: object | undefined;
  /** A file as it is, in place of a body. */
  readonly file?: { readonly type: string; readonly bytes: Blob } | undefined;
  /** Whether the cookie of a signed-in person goes with it. A link's secret is in the body. */
  readonly credentials: "omit" | "same-origin";
  readonly headers?: Readonly<Record<string, string>>;
  /** How long an answer may take. */
  readonly timeoutMs?: number | undefined;
  /** Given up before, when this is aborted. */
  readonly until?: AbortSignal | undefined;
};

/** Asks, and never throws. What cannot be read is a server that cannot. */
export async function ask<T>(question: Question, reader: Read<T>): Promise<Answer<T>> {
  const patience = new AbortController();
  // `AbortSignal.timeout` is younger than some browsers in use.
  const timer = setTimeout(() => patience.abort(), question.timeoutMs ?? TIMEOUT_MS);
  const giveUp = () => patience.abort();
  question.until?.addEventListener("abort", giveUp);
  try {
    const sent = sentBy(question);
    const response = await fetch(question.path, {
      method: question.method,
      headers: { accept: "application/json", ...sent?.headers, ...question.headers },
      ...(sent === null ? {} : { body: sent.body }),
      cache: "no-store",
      credentials: question.credentials,
      referrerPolicy: "no-referrer",
      signal: patience.signal,
    });
    const body = parseJson(await response.text());
    if (!response.ok) {
      return { type: "refused", problem: problemOf(response.status, body) };
    }
    const answer = read(reader, body);
    if (answer.type === "read") {
      return { type: "given", body: answer.value };
    }
    complain(`the answer to ${question.method} ${question.path}`, answer.at);
    return {
      type: "refused",
      problem: { code: "unavailable", title: "", status: response.status },
    };
  } catch {
    return { type: "unreachable" };
  } finally {
    clearTimeout(timer);
    question.until?.removeEventListener("abort", giveUp);
  }
}

function sentBy({ body, file }: Question) {
  if (file !== undefined) {
    return { headers: { "content-type": file.type }, body: file.bytes };
  }
  return body === undefined
    ? null
    : { headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
}

/** What something between page and server answers in the server's place, by its status. */
function problemOf(status: number, body: unknown): Problem {
  const problem = read(readProblem, body);
  return problem.type === "read" ? problem.value : { code: codeOf(status), title: "", status };
}

function codeOf(status: number): ProblemCode {
  switch (status) {
    case 413:
      return "too_large";
    case 429:
      return "too_many";
    default:
      return "unavailable";
  }
}

/** Random bits in hexadecimal: a request that is tried again carries the same. */
export function newAttempt(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(ATTEMPT_DIGITS / 2));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
