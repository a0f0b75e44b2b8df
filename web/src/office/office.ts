// What the pages of the office share.

import type { ReadonlySignal } from "@preact/signals";
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { OfficeApi } from "../http/office";
import type { Problem, Staff } from "../wire/messages";

/** Whether somebody is signed in: not known yet, nobody, who, or who was until a moment ago. */
export type Session =
  | { readonly type: "asking"; readonly trouble: Problem | "unreachable" | null }
  | { readonly type: "nobody" }
  | { readonly type: "somebody" | "lapsed"; readonly staff: Staff };

export type Office = {
  readonly api: OfficeApi;
  readonly session: ReadonlySignal<Session>;
  /** Asks again who is signed in, where that could not be learnt. */
  readonly askAgain: () => void;
  /** What stands at the foot of every page was changed. */
  readonly schoolChanged: () => void;
};

export const OfficeContext = createContext<Office | null>(null);

export function useOffice(): Office {
  const office = useContext(OfficeContext);
  if (office === null) {
    throw new Error("the pages of the office are drawn inside OfficeContext");
  }
  return office;
}
