// The page of the office and of accounts, which alone loads what is theirs.

import { texts } from "virtual:texts-of-the-office";
import { accountPart } from "./account/part";
import { officePart } from "./office/part";
import { start } from "./start";
import { addTexts } from "./text/text";

addTexts(texts);
const isAccount = /^\/+(?:account|register)/i.test(location.pathname);
// The office's own texts are in English so far.
void (isAccount ? start(accountPart) : start(officePart, ["en"]));
