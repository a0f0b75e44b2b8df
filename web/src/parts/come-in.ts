// Somebody says who they are at a door or by a link of their own, and this device knows them by it for a day.

import type { Answer } from "../http/ask";
import type { Link } from "../http/links";
import { comeAsVisitor } from "../http/visitors";
import { cameBy, keepCameBy } from "../storage/came-by";
import type { VisitorLink, VisitorRequest } from "../wire/messages";

/** Who comes, and what else is asked there. */
type Visitor = Omit<VisitorRequest, "secret" | "attempt" | "before">;

export async function comeIn(
  link: Link,
  visitor: Visitor,
  attempt: string,
): Promise<Answer<VisitorLink>> {
  const before = [...cameBy(Date.now())];
  const answer = await comeAsVisitor(link, { ...visitor, attempt, before });
  if (answer.type === "given") {
    keepCameBy(attempt, Date.now());
  }
  return answer;
}
