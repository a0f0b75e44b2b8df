// The page of families, guests and teachers.

import { linkPart } from "./link-part";
import { start } from "./start";

void start(linkPart);
