// One small thing that is told to the server at a press. It needs none of what forms need, so that what
// comes later brings nothing along.

import { useSignal } from "@preact/signals";
import type { Answer } from "../http/ask";
import type { Problem } from "../wire/messages";

export type Say = {
  readonly busy: boolean;
  /** Why it could not be told, by the last press: pressed again, it is tried again. */
  readonly failed: Failed | null;
  readonly run: (work: () => Promise<Answer<unknown>>, done: () => Promise<void>) => Promise<void>;
};

export type Failed = "unreachable" | Problem;

export function useSay(): Say {
  const busy = useSignal(false);
  const failed = useSignal<Failed | null>(null);
  const run: Say["run"] = async (work, done) => {
    if (busy.value) {
      return;
    }
    busy.value = true;
    const answer = await work();
    switch (answer.type) {
      case "given":
        failed.value = null;
        await done();
        break;
      case "refused":
        failed.value = answer.problem;
        break;
      case "unreachable":
        failed.value = answer.type;
        break;
    }
    busy.value = false;
  };
  return { busy: busy.value, failed: failed.value, run };
}
