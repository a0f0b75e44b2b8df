import { describe, expect, it, vi } from "vitest";
import type { Changes, ProblemCode } from "../wire/messages";
import type { Answer } from "./ask";
import { watch } from "./watch";

type Heard = Answer<Changes>;

const given = (body: Changes): Heard => ({ type: "given", body });
const refused = (code: ProblemCode): Heard => ({
  type: "refused",
  problem: { code, title: "", status: 400 },
});

/** Answers one question after the other, then never again. */
function story(answers: readonly Heard[]) {
  const asked: string[] = [];
  const pauses: number[] = [];
  const changed = vi.fn();
  const withdrawn = vi.fn();
  const evening = vi.fn();
  const left = [...answers];
  const done = new Promise<void>((resolve) => {
    const ask = (seen: string) => {
      asked.push(seen);
      const next = left.shift();
      if (next === undefined) {
        resolve();
        return new Promise<Heard>(() => undefined);
      }
      return Promise.resolve(next);
    };
    const over = () => {
      withdrawn();
      resolve();
    };
    const ended = () => {
      evening();
      resolve();
    };
    watch(ask, "0", { changed, withdrawn: over, over: ended }, (ms) => {
      pauses.push(ms);
      return Promise.resolve();
    });
  });
  return { done, asked, pauses, changed, withdrawn, evening };
}

describe("changes", () => {
  it("are asked for from where the last answer ended", async () => {
    const told = story([
      given({ type: "nothing", seen: "1" }),
      given({ type: "changed", seen: "2" }),
    ]);
    await told.done;
    expect(told.asked).toEqual(["0", "1", "2"]);
    expect(told.changed).toHaveBeenCalledTimes(1);
    expect(told.withdrawn).not.toHaveBeenCalled();
  });

  it.each([given({ type: "withdrawn" }), refused("no_such_link"), refused("link_withdrawn")])(
    "end with the link (%j)",
    async (end) => {
      const told = story([end, given({ type: "changed", seen: "9" })]);
      await told.done;
      expect(told.withdrawn).toHaveBeenCalledTimes(1);
      expect(told.asked).toEqual(["0"]);
    },
  );

  it("end with the evening, which is no withdrawal", async () => {
    const told = story([refused("evening_over"), given({ type: "changed", seen: "9" })]);
    await told.done;
    expect(told.evening).toHaveBeenCalledTimes(1);
    expect(told.withdrawn).not.toHaveBeenCalled();
    expect(told.asked).toEqual(["0"]);
  });

  it("look again at what this page does not know, and not at once", async () => {
    const told = story([given({ type: "unknown" }), given({ type: "nothing", seen: "1" })]);
    await told.done;
    expect(told.changed).toHaveBeenCalledTimes(1);
    expect(told.pauses).toEqual([1000]);
    expect(told.asked).toEqual(["0", "0", "1"]);
  });

  it("lets go at once of a question that hangs", () => {
    const signals: AbortSignal[] = [];
    const ask = (_: string, until: AbortSignal) => {
      signals.push(until);
      return new Promise<Heard>(() => undefined);
    };
    const none = () => undefined;
    const { stop } = watch(ask, "0", { changed: none, withdrawn: none, over: none });
    stop();
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
  });

  it("are asked for again after a failure, later and later", async () => {
    const down: Heard = { type: "unreachable" };
    const told = story([down, down, refused("too_many"), down, down, down]);
    await told.done;
    expect(told.pauses).toEqual([1000, 2000, 4000, 8000, 8000, 8000]);
    expect(told.asked).toHaveLength(7);
  });
});
