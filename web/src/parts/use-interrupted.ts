// From whom nothing comes any more, though they are there and send: their media has stopped, not ours.

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { useApp } from "../app";
import { Heard, LOOK_MS } from "../media/heard";
import type { Peer } from "../media/peer";
import { type CallPhase, isOnHold } from "../session/state";
import type { Person, Shown } from "../wire/messages";
import { isPaused } from "./tile";

/** How long a line may be silent before anybody is told. */
const STOPPED_MS = 4_000;

/** The participants whose tiles say so. */
export function useInterrupted(phase: CallPhase): readonly number[] {
  const { peers, state } = useApp();
  const found = useSignal<readonly number[]>([]);
  const heard = useRef(new Heard(STOPPED_MS));
  const latest = useRef(phase);
  latest.current = phase;
  useEffect(() => {
    const timer = setInterval(() => {
      const { peer, shown } = state.peek();
      const mayCome = peer?.health === "connected" && !isOnHold(state.peek());
      const connected = mayCome ? peers.current.peek() : null;
      const { people, you } = latest.current;
      const stopped = people
        .filter(({ participant }) => participant !== you)
        .filter((person) => {
          const kind = expectedOf(person, latest.current, shown);
          return hasStopped(person, kind, connected, heard.current);
        })
        .map(({ participant }) => participant);
      if (stopped.join() !== found.peek().join()) {
        found.value = stopped;
      }
    }, LOOK_MS);
    return () => clearInterval(timer);
  }, [peers, state, found]);
  return found.value;
}

/** What must come from them, where anything must: pictures only where this page shows them. */
function expectedOf(
  person: Person,
  { paused }: CallPhase,
  shown: readonly Shown[],
): "audio" | "camera" | null {
  const { on_hold, reconnecting, sends, slot } = person;
  if (on_hold === true || reconnecting || slot === undefined) {
    return null;
  }
  if (sends.microphone) {
    return "audio";
  }
  const isShown = (shown[slot]?.camera ?? 0) > 0;
  return sends.camera && isShown && !isPaused(paused, person, "camera") ? "camera" : null;
}

function hasStopped(
  { participant, slot }: Person,
  kind: "audio" | "camera" | null,
  peer: Peer | null,
  heard: Heard,
): boolean {
  if (peer === null || slot === undefined || kind === null) {
    heard.forget(participant);
    return false;
  }
  return heard.isSilent(participant, peer.cameAt(slot, kind), performance.now());
}
