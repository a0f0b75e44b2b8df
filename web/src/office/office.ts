// What the pages of the office share.

import type { ReadonlySignal } from "@preact/signals";
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { OfficeApi } from "../http/office";
import type { Staff } from "../wire/messages";

/** Whether somebody is signed in: not known yet, nobody, or who. */
export type Session =
  | { readonly type: "asking" }
  | { readonly type: "nobody" }
  | { readonly type: "somebody"; readonly staff: Staff };

export type Office = {
  readonly api: OfficeApi;
  readonly session: ReadonlySignal<Session>;
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
