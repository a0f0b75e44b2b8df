// The page of families, guests and teachers.

import { linkPart } from "./link-part";
import { start } from "./start";
import { LANGUAGES, textsForLater } from "./text/text";

if (/^\/+j(?![0-9a-z])/i.test(location.pathname)) {
  void start(linkPart);
} else {
  // Whoever has a link need not wait for what is shown without one.
  void import("./start-part").then(({ startPart }) => start(startPart, LANGUAGES, textsForLater));
}
