// Each text stands alone in an element of its own, with the text as its key.
//
// A translating browser puts elements of its own in the place of texts. A text that is changed where it
// stands is changed out of sight then, and what is put before or after it fails. A text in an element of
// its own is not changed: the whole element goes, translated or not, and another comes.

import {
  type ComponentChild,
  type ComponentChildren,
  createElement,
  Fragment,
  options,
} from "preact";

/** The element around a text: no rule of style or of assistive technology knows it. */
const AROUND = "x-text";

/** What holds text and no elements. */
const TEXT_ALONE: ReadonlySet<unknown> = new Set([AROUND, "option", "title", "textarea", "style"]);

/** Begins it, for everything that is drawn from now on. */
export function keepTextsApart(): void {
  const before = options.vnode;
  options.vnode = (vnode) => {
    if (isHolder(vnode.type) && "children" in vnode.props) {
      vnode.props.children = apart(vnode.props.children, 0);
    }
    before?.(vnode);
  };
}

function isHolder(type: unknown): boolean {
  return (typeof type === "string" && !TEXT_ALONE.has(type)) || type === Fragment;
}

function apart(children: ComponentChildren, index: number): ComponentChildren {
  if (Array.isArray(children)) {
    return children.map((child: ComponentChildren, at) => apart(child, at));
  }
  const isText = typeof children === "string" || typeof children === "number";
  // Spaces between words are nothing to translate.
  return isText && String(children).trim() !== "" ? around(children, index) : children;
}

function around(text: string | number, index: number): ComponentChild {
  return createElement(AROUND, { key: `${index} ${text}` }, text);
}
