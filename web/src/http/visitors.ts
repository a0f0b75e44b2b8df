// Whoever has the link of a room or a waiting area says who they are. The body carries the secret; no
// address does.

import type { VisitorLink, VisitorRequest } from "../wire/messages";
import { readVisitorLink } from "../wire/readers";
import { type Answer, ask } from "./ask";
import { address, type Link } from "./links";

/** They are given a link of their own, the same for one attempt. */
export function comeAsVisitor(
  link: Link,
  visitor: Omit<VisitorRequest, "secret">,
): Promise<Answer<VisitorLink>> {
  const path = `${address(link)}/visitors`;
  const body = { secret: link.secret, ...visitor } satisfies VisitorRequest;
  return ask({ method: "POST", path, body, credentials: "omit" }, readVisitorLink);
}
