// A link to another page of this part of the application.

import type { ComponentChildren } from "preact";
import { useNavigation } from "../navigation";

type Props = {
  readonly to: string;
  readonly class?: string;
  readonly describedBy?: string;
  readonly current?: boolean;
  readonly children: ComponentChildren;
};

export function GoTo({ to, class: look, describedBy, current, children }: Props) {
  const { href, go } = useNavigation();
  return (
    <a
      href={href(to)}
      class={look}
      aria-describedby={describedBy}
      aria-current={current === true ? "page" : undefined}
      onClick={(event) => {
        const elsewhere = event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
        if (!elsewhere && event.button === 0) {
          event.preventDefault();
          go(to);
        }
      }}
    >
      {children}
    </a>
  );
}

/** The way back, above the heading's page. */
export function Back({ to, children }: { readonly to: string; readonly children: string }) {
  return (
    <p class="back">
      <GoTo to={to}>{children}</GoTo>
    </p>
  );
}
