// The page of the office, which alone loads what is the office's.

import { texts } from "virtual:texts-of-the-office";
import { officePart } from "./office/part";
import { start } from "./start";
import { addTexts } from "./text/text";

addTexts(texts);
void start(() => officePart());
