import { describe, expect, it, vi } from "vitest";
import { onWaking, type Sleeper } from "./waking";

/** A page and its machine, which the test puts to sleep. */
function machine() {
  const woke = vi.fn();
  let now = 1_000_000;
  let visible = true;
  let heard = () => {};
  let look = () => {};
  let every = 0;
  const sleeper: Sleeper = {
    isVisible: () => visible,
    now: () => now,
    listen: (listener) => {
      heard = listener;
    },
    every: (ms, work) => {
      every = ms;
      look = work;
    },
  };
  onWaking(woke, sleeper);
  /** Time passes without a look, and then there is one. */
  const pass = (ms: number) => {
    now += ms;
    look();
  };
  return {
    woke,
    pass,
    ticks: (times: number) => {
      for (let tick = 0; tick < times; tick += 1) {
        pass(every);
      }
    },
    show: (shown: boolean) => {
      visible = shown;
      heard();
    },
  };
}

describe("a page", () => {
  it("wakes when it is looked at again, and not when it is put away", () => {
    const { woke, show } = machine();
    show(false);
    expect(woke).not.toHaveBeenCalled();
    show(true);
    expect(woke).toHaveBeenCalledOnce();
  });

  it("wakes with its machine, seen or not", () => {
    const { woke, pass, ticks, show } = machine();
    ticks(1000);
    expect(woke).not.toHaveBeenCalled();
    pass(20 * 60_000);
    expect(woke).toHaveBeenCalledTimes(1);
    show(false);
    pass(20 * 60_000);
    expect(woke).toHaveBeenCalledTimes(2);
  });

  it("does not take a browser's thrift with hidden pages for sleep", () => {
    const { woke, pass, show } = machine();
    show(false);
    for (let minute = 0; minute < 30; minute += 1) {
      pass(61_000);
    }
    expect(woke).not.toHaveBeenCalled();
  });
});
