// The words for a refusal: the reader's own where there are some, else the server's sentence.

import type { Problem } from "../wire/messages";
import { isTextKey, type Text } from "./text";

export function wordsOf({ code, title, status }: Problem, text: Text): string {
  // Not this server's words, which always have a sentence: a proxy's or a filter's.
  if (title === "" && code === "unavailable" && status >= 400 && status < 500) {
    return text("refusal_between", { status });
  }
  const key = `refusal_${code}`;
  if (isTextKey(key)) {
    return text(key);
  }
  return title === "" ? text("refusal_unavailable") : title;
}
