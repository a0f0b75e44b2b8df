// What a parent's pages share.

import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { ParentApi } from "../../http/parent";
import type { ParentView } from "../../wire/messages";

export type Parent = {
  readonly api: ParentApi;
  readonly view: ParentView;
  /** Asks for the view again, after something was done. */
  readonly reload: () => Promise<void>;
};

export const ParentContext = createContext<Parent | null>(null);

export function useParent(): Parent {
  const parent = useContext(ParentContext);
  if (parent === null) {
    throw new Error("a parent's pages are drawn inside ParentContext");
  }
  return parent;
}
