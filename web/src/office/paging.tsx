// A long list, some of it at a time, with the way back.

import { type Signal, useSignal } from "@preact/signals";
import { useText } from "../text/context";
import type { TextKey } from "../text/text";

/** What each part that was looked at began after, the one shown last; `null` begins at the first. */
export type Trail = readonly (string | null)[];

export const START: Trail = [null];

/** What the part begins after that is shown. */
export const shown = (trail: Trail): string | null => trail.at(-1) ?? null;

/** The part before; the first where there is none. */
export const back = (trail: Trail): Trail => (trail.length > 1 ? trail.slice(0, -1) : START);

export type Paging = {
  /** What the part begins after that is shown. */
  readonly after: string | null;
  readonly trail: Signal<Trail>;
  /** Another search begins at the first. */
  readonly begin: () => void;
};

export function usePaging(): Paging {
  const trail = useSignal(START);
  return {
    after: shown(trail.value),
    trail,
    begin: () => {
      trail.value = START;
    },
  };
}

type Props = {
  readonly paging: Paging;
  /** What the next part begins after; none where this is the last. */
  readonly next: string | undefined;
  readonly less: TextKey;
  readonly more: TextKey;
};

export function Pager({ paging: { trail }, next, less, more }: Props) {
  const text = useText();
  return (
    <div class="actions">
      {trail.value.length > 1 && (
        <button
          type="button"
          class="secondary"
          onClick={() => {
            trail.value = back(trail.value);
          }}
        >
          {text(less)}
        </button>
      )}
      {next !== undefined && (
        <button
          type="button"
          class="secondary"
          onClick={() => {
            trail.value = [...trail.value, next];
          }}
        >
          {text(more)}
        </button>
      )}
    </div>
  );
}
