// Who speaks, as far as it is true: by the server's word, and as long as their sound comes.

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { useApp } from "../app";
import { Heard, LOOK_MS } from "../media/heard";
import type { CallPhase } from "../session/state";

/** The participants whose tiles are marked. */
export function useSpeaking({ people, speaking, you }: CallPhase): readonly number[] {
  const { local, peers } = useApp();
  const silent = useSignal<readonly number[]>([]);
  const someone = speaking.some((participant) => participant !== you);
  useEffect(() => {
    silent.value = [];
    if (!someone) {
      return;
    }
    const heard = new Heard();
    const timer = setInterval(() => {
      const peer = peers.current.peek();
      const now = performance.now();
      const slots = people.flatMap(({ slot }) => slot ?? []);
      const found = slots.filter((slot) =>
        heard.isSilent(slot, peer?.cameAt(slot, "audio") ?? null, now),
      );
      if (found.join() !== silent.peek().join()) {
        silent.value = found;
      }
    }, LOOK_MS);
    return () => clearInterval(timer);
  }, [people, someone, peers, silent]);
  return people
    .filter(({ participant }) => speaking.includes(participant))
    .filter(({ participant, reconnecting, sends, slot }) =>
      participant === you
        ? local.sends.value.microphone
        : sends.microphone && !reconnecting && !(slot !== undefined && silent.value.includes(slot)),
    )
    .map(({ participant }) => participant);
}
