import { createElement, Fragment, type VNode } from "preact";
import { beforeAll, describe, expect, it } from "vitest";
import { keepTextsApart } from "./apart";

beforeAll(keepTextsApart);

/** A drawing in brief: `p[x-text(a) b]`. */
function brief(node: unknown): string {
  if (Array.isArray(node)) {
    return node.map(brief).join("");
  }
  if (typeof node !== "object" || node === null) {
    return String(node ?? "");
  }
  const { type, props } = node as VNode<{ children: unknown }>;
  return `${type === Fragment ? "" : String(type)}[${brief(props.children)}]`;
}

const keyOf = (node: unknown) => (node as VNode).key;

describe("texts", () => {
  it("stand alone, alone or among others", () => {
    expect(brief(createElement("p", null, "one"))).toBe("p[x-text[one]]");
    expect(brief(createElement("p", null, "one ", createElement("b", null, 2), " ", "three"))).toBe(
      "p[x-text[one ]b[x-text[2]] x-text[three]]",
    );
    expect(brief(createElement(Fragment, null, "one"))).toBe("[x-text[one]]");
    expect(brief(createElement("ul", null, ["one", "two"]))).toBe("ul[x-text[one]x-text[two]]");
  });

  it("are others where they change, and the same where they do not", () => {
    const text = (words: string) => keyOf(createElement("p", null, words).props.children);
    expect(text("one")).toBe(text("one"));
    expect(text("one")).not.toBe(text("two"));
    const twice = createElement("p", null, "one", "one").props.children as unknown as VNode[];
    expect(keyOf(twice[0])).not.toBe(keyOf(twice[1]));
  });

  it("stay as they are where no element may be, and where there are none", () => {
    expect(brief(createElement("option", null, "one"))).toBe("option[one]");
    expect(brief(createElement("p", null, "", null, false))).toBe("p[false]");
    expect(brief(createElement("br", null))).toBe("br[]");
  });
});
