// Which pages and buttons somebody of the staff is shown (OPS-7): the table of crates/school/src/rights.rs,
// by which the server decides at every request.

import type { Staff, StaffRole } from "../wire/messages";
import { useOffice } from "./office";

/** As `x-right` of the API's description says what an endpoint asks for. */
export type Right = "look" | "evening" | "run" | "govern";

const OF_ROLE: { readonly [role in StaffRole]: readonly Right[] } = {
  owner: ["look", "evening", "run", "govern"],
  office: ["look", "evening", "run"],
  viewer: ["look"],
  member: [],
  // Of a later server: it says what is refused.
  unknown: [],
};

const OF_MANAGERS: readonly Right[] = ["look", "evening"];

/** Whether they may do that: in this evening or, where none is said, in any at all. */
export function may(
  { role, evenings = [] }: Pick<Staff, "role" | "evenings">,
  right: Right,
  evening?: string,
): boolean {
  const manages = evening === undefined ? evenings.length > 0 : evenings.includes(evening);
  return OF_ROLE[role].includes(right) || (manages && OF_MANAGERS.includes(right));
}

/** The same of who is signed in. */
export function useMay(): (right: Right, evening?: string) => boolean {
  const now = useOffice().session.value;
  return (right, evening) =>
    (now.type === "somebody" || now.type === "lapsed") && may(now.staff, right, evening);
}
