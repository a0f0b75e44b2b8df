// In which order the rows of an import are shown.

import type { ImportOutcome, ImportRow } from "../wire/messages";

/** What needs a look stands first. */
const ORDER: Readonly<Record<ImportOutcome, number>> = {
  refused: 0,
  unknown: 1,
  created: 3,
  updated: 3,
  unchanged: 4,
};

/** What stays as the office has decided is said in a row that changes nothing else: it is not to be lost at the end. */
const STAYS_AS_DECIDED = 2;

const place = ({ outcome, does }: ImportRow) =>
  outcome === "unchanged" && does.length > 0 ? STAYS_AS_DECIDED : ORDER[outcome];

/** Rows as they are shown; of one kind as they stand in the file. */
export const inOrder = (rows: readonly ImportRow[]): ImportRow[] =>
  [...rows].sort((a, b) => place(a) - place(b));
