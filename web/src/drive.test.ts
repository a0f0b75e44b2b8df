import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Drive, drive } from "./drive";
import type { Effect } from "./session/effect";
import { VIEW } from "./session/testing/journeys";

describe("the drive", () => {
  beforeEach(() => vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] }));
  afterEach(() => vi.useRealTimers());

  function recorded(answer: (effect: Effect, driver: Drive) => void = () => undefined) {
    const orders: string[] = [];
    const driver: Drive = drive(1, (effect) => {
      orders.push(effect.type);
      answer(effect, driver);
    });
    return { driver, orders };
  }

  it("performs effects in order, and takes what they report after them", () => {
    const { driver, orders } = recorded((effect, { report }) => {
      if (effect.type === "look_up_link") {
        report({ type: "link_told", view: VIEW });
        // Not before this event is done with.
        expect(driver.state.value.phase.type).toBe("opening");
      }
    });
    driver.report({ type: "opened", kept: null });
    expect(orders).toEqual(["make_offer", "look_up_link"]);
    expect(driver.state.value.phase.type).toBe("join");
  });

  it("wakes the session when it asked for it", () => {
    const { driver, orders } = recorded();
    driver.report({ type: "opened", kept: null });
    driver.report({ type: "link_unreachable" });
    vi.advanceTimersByTime(299);
    expect(orders).toEqual(["make_offer", "look_up_link"]);
    vi.advanceTimersByTime(2);
    expect(orders).toEqual(["make_offer", "look_up_link", "look_up_link"]);
  });
});
