// What anybody may know of the school: its name, and whom to ask for help.

import { isSchoolView } from "../wire/answers";
import type { SchoolView } from "../wire/messages";
import { type Answer, ask } from "./ask";

export function askSchool(): Promise<Answer<SchoolView>> {
  return ask({ method: "GET", path: "/api/v1/school", credentials: "omit" }, isSchoolView);
}
