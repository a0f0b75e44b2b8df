// Looks, while a call lasts, at how this device and its network do.

import { type ReadonlySignal, signal } from "@preact/signals";
import { Blame, type Fault, LOOK_MS, type Look } from "./blame";
import type { Peers } from "./peers";

/** The browser's own numbers are dear to ask for: every fourth look does. */
const ASK_EVERY = 4;

/** Whose fault it would be now if pictures did not come; `stop` ends the looking. */
export function watchBlame(peers: Peers): {
  readonly fault: ReadonlySignal<Fault>;
  readonly stop: () => void;
} {
  const fault = signal<Fault>("unknown");
  const blame = new Blame();
  let due = performance.now() + LOOK_MS;
  let looks = 0;
  let network: Network = { received: 0, lost: 0, tripMs: 0 };
  const look = () => {
    const now = performance.now();
    // Browsers wake a hidden page late, on purpose.
    const lateMs = document.visibilityState === "visible" ? now - due : 0;
    due = now + LOOK_MS;
    fault.value = blame.take({ lateMs, ...network });
    looks += 1;
    if (looks % ASK_EVERY === 0) {
      void askNetwork(peers).then((numbers) => {
        network = numbers;
      });
    }
  };
  const timer = setInterval(look, LOOK_MS);
  return { fault, stop: () => clearInterval(timer) };
}

type Network = Omit<Look, "lateMs">;

type Entry = RTCStats & {
  readonly packetsReceived?: number;
  readonly packetsLost?: number;
  readonly currentRoundTripTime?: number;
  readonly nominated?: boolean;
};

async function askNetwork(peers: Peers): Promise<Network> {
  let received = 0;
  let lost = 0;
  let tripMs = 0;
  for (const { entry } of (await peers.current.peek()?.statistics()) ?? []) {
    const { type, packetsReceived, packetsLost, currentRoundTripTime, nominated } = entry as Entry;
    if (type === "inbound-rtp") {
      received += packetsReceived ?? 0;
      lost += Math.max(0, packetsLost ?? 0);
    } else if (type === "candidate-pair" && nominated === true) {
      tripMs = Math.max(tripMs, 1000 * (currentRoundTripTime ?? 0));
    }
  }
  return { received, lost, tripMs };
}
