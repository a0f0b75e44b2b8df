import { describe, expect, it } from "vitest";
import { back, START, shown } from "./paging";

describe("a list that comes in parts", () => {
  it("leads back by the way it was looked through", () => {
    const third = [...START, "Abel", "Berg"];
    expect(shown(third)).toBe("Berg");
    expect(shown(back(third))).toBe("Abel");
    expect(shown(back(back(third)))).toBeNull();
    expect(back(START)).toEqual(START);
  });
});
