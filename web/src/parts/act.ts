// One thing to do at a press, and what came of it.

import { useSignal } from "@preact/signals";
import { useContext } from "preact/hooks";
import type { Answer } from "../http/ask";
import { NavigationContext } from "../navigation";
import { useText } from "../text/context";
import { wordsOf } from "../text/refusals";
import { begin } from "./gone-on";

export type Act<T> = {
  readonly busy: boolean;
  /** Why it could not be done, in words. */
  readonly problem: string | null;
  readonly run: (done: (body: T) => Promise<void> | void) => Promise<void>;
};

export function useAct<T>(work: () => Promise<Answer<T>>): Act<T> {
  const text = useText();
  const navigation = useContext(NavigationContext);
  const busy = useSignal(false);
  const problem = useSignal<string | null>(null);
  const run = async (done: (body: T) => Promise<void> | void) => {
    if (busy.value) {
      return;
    }
    busy.value = true;
    problem.value = null;
    begin(navigation);
    const answer = await work();
    busy.value = false;
    switch (answer.type) {
      case "given":
        await done(answer.body);
        return;
      case "refused":
        problem.value = wordsOf(answer.problem, text);
        return;
      case "unreachable":
        problem.value = text("refusal_unreachable");
    }
  };
  return { busy: busy.value, problem: problem.value, run };
}
