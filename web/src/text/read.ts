// Reads texts as they are written, in ICU MessageFormat: at a build, and where nothing was built.

import { IntlMessageFormat } from "intl-messageformat";
import type { Piece, Words } from "./format";

/** What the reader gives, as far as texts here need it. */
type Element = {
  readonly type: number;
  readonly value: string;
  readonly style?: unknown;
  readonly offset?: number;
  readonly pluralType?: string;
  readonly options?: Readonly<Record<string, { readonly value: readonly Element[] }>>;
};

/** Of what kind an element is, by the reader's own numbers. */
const [LITERAL, ARGUMENT, NUMBER, PLURAL, POUND] = [0, 1, 2, 6, 7] as const;

/** A text, read: words alone where nothing is put in. */
export function read(words: string): Words {
  const pieces = ((IntlMessageFormat.__parse?.(words) ?? []) as unknown as Element[]).map(piece);
  const [first = "", ...others] = pieces;
  return typeof first === "string" && others.length === 0 ? first : pieces;
}

function piece(element: Element): Piece {
  const { type, value, style, offset = 0, pluralType = "cardinal", options = {} } = element;
  if (type === LITERAL) {
    return value;
  }
  if (type === POUND) {
    return 0;
  }
  if (type === ARGUMENT) {
    return [value];
  }
  if (type === NUMBER && style == null) {
    return [value, null];
  }
  if (type === PLURAL && offset === 0 && pluralType === "cardinal") {
    const all = Object.entries(options).map(([name, one]) => [name, one.value.map(piece)]);
    return [value, Object.fromEntries(all)];
  }
  throw new Error(`no page knows how to write what stands here of ${value}`);
}
