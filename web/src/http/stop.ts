// Ending a call for everybody, as whoever may do it asks. The body carries the secret; no address does.

import type { StopRequest } from "../wire/messages";
import { anything } from "../wire/read";
import { type Answer, ask } from "./ask";
import { address, type Link } from "./links";

/** Everybody is out of the call, and its guests do not come back into it; once for an attempt. */
export function stopCall(
  link: Link,
  meeting: string,
  request: Omit<StopRequest, "secret">,
): Promise<Answer<unknown>> {
  const path = `${address(link)}/meetings/${encodeURIComponent(meeting)}/stop`;
  const body = { secret: link.secret, ...request } satisfies StopRequest;
  return ask({ method: "POST", path, body, credentials: "omit" }, anything);
}
