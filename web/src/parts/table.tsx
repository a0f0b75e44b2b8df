// A table; on a narrow screen each row becomes a card, with the headings in front of the cells.
// The roles are named because `display` on a narrow screen takes a browser's own away.

import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

export type Column<R> = {
  readonly heading: string;
  readonly cell: (row: R) => ComponentChildren;
  /** The cell that names the row. */
  readonly names?: boolean;
};

type Props<R> = {
  readonly caption: string;
  readonly captionHidden?: boolean;
  readonly columns: readonly Column<R>[];
  readonly rows: readonly R[];
  readonly keyOf: (row: R) => string;
};

export function Table<R>({ caption, captionHidden, columns, rows, keyOf }: Props<R>) {
  return (
    // biome-ignore lint/a11y/noRedundantRoles: see the head of this file
    <table role="table" class="cards">
      <caption class={captionHidden === true ? "visually-hidden" : undefined}>{caption}</caption>
      {/* biome-ignore lint/a11y/noRedundantRoles: see the head of this file */}
      <thead role="rowgroup">
        {/* biome-ignore lint/a11y/noRedundantRoles: see the head of this file */}
        <tr role="row">
          {columns.map(({ heading }) => (
            // biome-ignore lint/a11y/noRedundantRoles: see the head of this file
            <th key={heading} role="columnheader" scope="col">
              {heading}
            </th>
          ))}
        </tr>
      </thead>
      {/* biome-ignore lint/a11y/noRedundantRoles: see the head of this file */}
      <tbody role="rowgroup">
        {rows.map((row) => (
          // biome-ignore lint/a11y/noRedundantRoles: see the head of this file
          <tr key={keyOf(row)} role="row">
            {columns.map((column) => (
              <Cell key={column.heading} column={column} row={row} />
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Cell<R>({ column, row }: { readonly column: Column<R>; readonly row: R }) {
  const { heading, cell, names } = column;
  const content = useRef<HTMLSpanElement>(null);
  // What is in it is known once it is drawn.
  useLayoutEffect(() => {
    const span = content.current;
    span?.classList.toggle("breaks", hasLongWord(span.textContent));
  });
  const within = (
    <>
      <span class="label" aria-hidden="true">
        {heading}
      </span>
      <span ref={content}>{cell(row)}</span>
    </>
  );
  return names === true ? (
    // biome-ignore lint/a11y/noRedundantRoles: see the head of this file
    <th role="rowheader" scope="row">
      {within}
    </th>
  ) : (
    // biome-ignore lint/a11y/noRedundantRoles: see the head of this file
    <td role="cell">{within}</td>
  );
}

/** The longest word of ours; one that is longer is broken where its column would leave others no room. */
const LONGEST_WORD = 16;

/** Whether a word stands there that is longer than any of ours; an address is broken at its "@". */
export function hasLongWord(words: string): boolean {
  return words.split(/[\s@-]+/).some((word) => word.length > LONGEST_WORD);
}
