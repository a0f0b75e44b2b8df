// The frame of a page: one landmark, one heading, and the focus on it when the page changes.

import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { useApp } from "../app";

type Props = {
  /** What the page is, for tests and styles. */
  readonly state: string;
  readonly heading: string;
  readonly dark?: boolean;
  readonly children: ComponentChildren;
};

/** Whether a page was shown before: the first one leaves the focus where the browser put it. */
let shownBefore = false;

export function Page({ state, heading, dark = false, children }: Props) {
  const { text } = useApp();
  const h1 = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = text("page_title", { page: heading });
  }, [heading, text]);
  useEffect(() => {
    if (shownBefore) {
      h1.current?.focus();
    }
    shownBefore = true;
  }, []);
  return (
    <>
      {!dark && (
        <header class="brand">
          <span>{text("app_name")}</span>
        </header>
      )}
      <main data-state={state} class={dark ? "page dark" : "page"}>
        <h1 ref={h1} tabIndex={-1}>
          {heading}
        </h1>
        {children}
      </main>
    </>
  );
}
