// The words for a refusal: the reader's own where there are some, else the server's sentence.

import type { Problem } from "../wire/messages";
import { isTextKey, type Text } from "./text";

export function wordsOf({ code, title }: Problem, text: Text): string {
  const key = `refusal_${code}`;
  if (isTextKey(key)) {
    return text(key);
  }
  return title === "" ? text("refusal_unavailable") : title;
}
