// The first page whose pattern has the shape of the path is shown.

import { type ComponentChildren, Fragment } from "preact";
import { match, useNavigation } from "../navigation";

export type Route = readonly [
  pattern: string,
  page: (...parts: readonly string[]) => ComponentChildren,
];

type Props = { readonly routes: readonly Route[]; readonly otherwise: ComponentChildren };

/**
 * Each path is a page of its own: nothing typed on one stays for the next. Below a `*` the pages are
 * those of whoever is shown there.
 */
export function Routes({ routes, otherwise }: Props) {
  const path = useNavigation().path.value;
  for (const [pattern, page] of routes) {
    const parts = match(pattern, path);
    if (parts !== null) {
      const key = pattern.endsWith("/*") ? JSON.stringify(parts) : path;
      return <Fragment key={key}>{page(...parts)}</Fragment>;
    }
  }
  return <>{otherwise}</>;
}
