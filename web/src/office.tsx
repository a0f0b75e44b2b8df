// The page of the office, of the staff and of accounts, which alone loads what is theirs.

import { texts } from "virtual:texts-of-the-office";
import { accountPart } from "./account/part";
import { GUIDE_OF_THE_OFFICE, officePart } from "./office/part";
import { OfficeRoot } from "./office/root";
import { start } from "./start";
import { addTexts, LANGUAGES, textsForLater } from "./text/text";

addTexts(texts);
const isAccount = /^\/+(?:account|register)/i.test(location.pathname);
// The texts of the office are in English so far.
if (/^\/+openid/i.test(location.pathname)) {
  void import("./staff/root").then(({ GUIDE_OF_THE_STAFF, OpenidPage, textsOfTheStaff }) =>
    start(
      () => officePart("/openid", GUIDE_OF_THE_STAFF, <OpenidPage />),
      LANGUAGES,
      textsOfTheStaff,
    ),
  );
} else if (/^\/+staff/i.test(location.pathname)) {
  void import("./staff/root").then(({ GUIDE_OF_THE_STAFF, StaffRoot, textsOfTheStaff }) =>
    start(
      () => officePart("/staff", GUIDE_OF_THE_STAFF, <StaffRoot />),
      LANGUAGES,
      textsOfTheStaff,
    ),
  );
} else {
  void (isAccount
    ? start(accountPart, LANGUAGES, textsForLater)
    : start(() => officePart("/office", GUIDE_OF_THE_OFFICE, <OfficeRoot />), ["en"]));
}
