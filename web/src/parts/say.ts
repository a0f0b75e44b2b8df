// One small thing that is told to the server at a press. It needs none of what forms need, so that what
// comes later brings nothing along.

import { useSignal } from "@preact/signals";
import type { Answer } from "../http/ask";

export type Say = {
  readonly busy: boolean;
  /** Whether it could not be told: pressed again, it is tried again. */
  readonly failed: boolean;
  readonly run: (work: () => Promise<Answer<unknown>>, done: () => Promise<void>) => Promise<void>;
};

export function useSay(): Say {
  const busy = useSignal(false);
  const failed = useSignal(false);
  const run: Say["run"] = async (work, done) => {
    if (busy.value) {
      return;
    }
    busy.value = true;
    const answer = await work();
    failed.value = answer.type !== "given";
    if (!failed.value) {
      await done();
    }
    busy.value = false;
  };
  return { busy: busy.value, failed: failed.value, run };
}
