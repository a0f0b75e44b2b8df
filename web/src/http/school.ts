// What anybody may know of the school: its name, and whom to ask for help.

import type { SchoolView } from "../wire/messages";
import { readSchoolView } from "../wire/readers";
import { type Answer, ask } from "./ask";

export function askSchool(): Promise<Answer<SchoolView>> {
  return ask({ method: "GET", path: "/api/v1/school", credentials: "omit" }, readSchoolView);
}
