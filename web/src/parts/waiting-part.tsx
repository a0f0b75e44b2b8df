// What comes to the pages before a call once they stand: who waits, and for whom.

import { texts } from "virtual:texts-of-waiting";
import { addTexts } from "../text/text";

addTexts(texts);

export { Glance } from "./glance";
export { LineNote } from "./line-note";
export { OwnLine } from "./own-line";
export { Standing } from "./standing";
export { UpNext } from "./up-next";
