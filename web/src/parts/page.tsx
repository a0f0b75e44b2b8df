// The frame of a page: one landmark, one heading, and the focus on it when the page changes.

import type { ComponentChildren } from "preact";
import { useContext, useEffect, useRef } from "preact/hooks";
import { afterDrawn } from "../media/after-drawn";
import { useText } from "../text/context";
import { setTitle } from "./attention";
import { Help } from "./help";
import { LanguageChoice } from "./language-choice";
import { SchoolContext } from "./school";

type Props = {
  /** What the page is at, for tests and styles. */
  readonly state: string;
  readonly heading: string;
  /** Which page of several it is, where they are at the same. */
  readonly name?: string;
  readonly dark?: boolean;
  /** Between the name of the application and the page. */
  readonly nav?: ComponentChildren;
  /** Above the heading: the way back, and news. */
  readonly above?: ComponentChildren;
  readonly children: ComponentChildren;
};

/** Whether a page was shown before: the first one leaves the focus where the browser put it. */
let shownBefore = false;

export function Page({ state, heading, name, dark = false, nav, above, children }: Props) {
  const text = useText();
  const school = useContext(SchoolContext);
  const h1 = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    setTitle(text("page_title", { page: heading }));
  }, [heading, text]);
  useEffect(() => {
    // What asks for the focus by itself, such as news, was drawn before and has it. The focus makes the
    // browser lay the page out: pictures and sound come first.
    if (shownBefore) {
      afterDrawn(() => {
        if (!isWithin(document.activeElement, h1.current?.parentElement)) {
          h1.current?.focus();
        }
      });
    }
    shownBefore = true;
  }, []);
  return (
    <>
      {!dark && (
        <header class="brand">
          <div>
            <span>{school ?? text("app_name")}</span>
            <LanguageChoice />
          </div>
        </header>
      )}
      {nav}
      <main data-state={state} data-page={name} class={dark ? "page dark" : "page"}>
        {above}
        <h1 ref={h1} tabIndex={-1}>
          {heading}
        </h1>
        {children}
      </main>
      {!dark && <Help />}
    </>
  );
}

function isWithin(element: Element | null, page: Element | null | undefined): boolean {
  return element !== null && page?.contains(element) === true;
}
