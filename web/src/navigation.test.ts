import { describe, expect, it } from "vitest";
import { match, navigate, type Place, pathBelow, within } from "./navigation";

function place(pathname: string, hash = "") {
  const location = { pathname, hash };
  const history: string[] = [];
  const set = (_state: unknown, _unused: string, url?: string | URL | null) => {
    location.pathname = String(url).split("#")[0] ?? "";
    history.push(String(url));
  };
  let popped = () => {};
  const given: Place = {
    location,
    history: { pushState: set, replaceState: set },
    addEventListener: (_type, listener) => {
      popped = listener;
    },
    scrollTo: () => {},
  };
  const back = (to: string) => {
    location.pathname = to;
    popped();
  };
  return { given, history, back };
}

describe("navigation", () => {
  it("keeps the secret in the fragment on every page of a link", () => {
    const { given, history } = place("/j/abc", "#secret");
    const navigation = navigate("/j/abc", given);
    expect(navigation.path.value).toBe("");
    expect(navigation.href("")).toBe("/j/abc#secret");
    navigation.go("invite/new", "Sent");
    expect(history).toEqual(["/j/abc/invite/new#secret"]);
    expect(navigation.path.value).toBe("invite/new");
    expect(navigation.news.value).toBe("Sent");
    navigation.replace("");
    expect(history.at(-1)).toBe("/j/abc#secret");
  });

  it("tells news once, and follows the browser's way back", () => {
    const { given, back } = place("/office/evenings/7");
    const navigation = navigate("/office", given);
    navigation.go("people", "Saved");
    back("/office/evenings/7/");
    expect(navigation.path.value).toBe("evenings/7");
    expect(navigation.news.value).toBeNull();
  });

  it("has pages below a page", () => {
    const { given, history } = place("/office/evenings/7/parents/9/move/3");
    const outer = navigate("/office", given);
    const inner = within(outer, "evenings/7/parents/9");
    expect(inner.path.value).toBe("move/3");
    expect(inner.href("")).toBe("/office/evenings/7/parents/9");
    inner.go("", "Moved");
    expect(history).toEqual(["/office/evenings/7/parents/9"]);
    expect(inner.path.value).toBe("");
    expect(outer.news.value).toBe("Moved");
  });

  it("takes the parts of a path", () => {
    expect(match("evenings/:", "evenings/7")).toEqual(["7"]);
    expect(match("evenings/:", "evenings/")).toBeNull();
    expect(match("evenings/:", "evenings")).toBeNull();
    expect(match("evenings/:/live", "evenings/a%20b/live")).toEqual(["a b"]);
    expect(match("evenings/:", "evenings/%")).toEqual(["%"]);
    expect(match("evenings/:/parents/:/*", "evenings/7/parents/9")).toEqual(["7", "9"]);
    expect(match("evenings/:/parents/:/*", "evenings/7/parents/9/move/3")).toEqual(["7", "9"]);
    expect(match("evenings/:/parents/:/*", "evenings/7/parents")).toBeNull();
    expect(match("", "")).toEqual([]);
    expect(pathBelow("/office", "/elsewhere")).toBe("");
  });
});
