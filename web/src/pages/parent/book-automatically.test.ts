import { describe, expect, it } from "vitest";
import { stepsBetween, wishesOf } from "./book-automatically";

describe("automatic booking", () => {
  it("offers what is not booked yet", () => {
    const teachers = ["Ms Okafor"];
    const classes = [
      { id: "c1", subject: "Music", teachers, booked: "b1" },
      { id: "c2", subject: "Art", teachers },
    ];
    expect(wishesOf([{ id: "s1", name: "Ana", classes }])).toEqual([
      {
        key: "s1 c2",
        label: "Art, Ana",
        hint: "Ms Okafor",
        wish: { student: "s1", class: "c2" },
      },
    ]);
  });

  it("offers each quarter of an hour, and the end whenever it is", () => {
    expect(stepsBetween("2026-11-26T15:00:00Z", "2026-11-26T15:40:00Z")).toEqual([
      "2026-11-26T15:00:00Z",
      "2026-11-26T15:15:00Z",
      "2026-11-26T15:30:00Z",
      "2026-11-26T15:40:00Z",
    ]);
  });
});
