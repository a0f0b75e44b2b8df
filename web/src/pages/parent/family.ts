// What the pages share on which a family's appointments are booked and changed: by the parent with
// their link, or by the office for them.

import { type ComponentChildren, type ComponentType, createContext } from "preact";
import { useContext } from "preact/hooks";
import type { FamilyApi } from "../../http/parent";
import type { Text } from "../../text/text";
import type { ParentView } from "../../wire/messages";

export type Frame = ComponentType<{
  readonly name: string;
  readonly heading: string;
  readonly back: string;
  readonly children: ComponentChildren;
}>;

export type Family = {
  readonly api: FamilyApi;
  readonly view: ParentView;
  /** Asks for the view again, after something was done. */
  readonly reload: () => Promise<void>;
  /** Where what there is to book is listed. */
  readonly list: string;
  readonly Frame: Frame;
  /** The words to whoever books: the parent is "you" to themselves only. */
  readonly say: Text;
  /** The same in a language. */
  readonly sayIn: (text: Text) => Text;
};

export const FamilyContext = createContext<Family | null>(null);

export function useFamily(): Family {
  const family = useContext(FamilyContext);
  if (family === null) {
    throw new Error("pages to book on are drawn inside FamilyContext");
  }
  return family;
}
