// What the call's screen needs only once it stands: what is written in it, its
// settings, and what was not done.

import { texts } from "virtual:texts-of-the-talk";
import { addTexts } from "../text/text";

addTexts(texts);

export { Chat } from "./chat";
export { LongLostBanner, UndoneBanner } from "./not-done";
export { Settings } from "./settings";
