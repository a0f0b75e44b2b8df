// The first message on a socket: `join` after a press, `resume` ever after.

import type { ClientMessage } from "../wire/messages";
import type { Orders } from "./effect";
import type { Held, State } from "./state";

/** How long a greeting may go unanswered. */
const ANSWER_MS = 10_000;

/** Greets where the socket is open and everything the greeting needs is there. */
export function greet(state: State, now: number, orders: Orders): State {
  const { line } = state;
  if (line.type !== "open") {
    return state;
  }
  const message = greeting(state);
  if (message === null) {
    return state;
  }
  orders.push({ type: "send", socket: line.socket, message });
  return {
    ...state,
    told: state.sends,
    line: { ...line, type: "greeted", until: now + ANSWER_MS },
  };
}

function greeting(state: State): ClientMessage | null {
  const { phase } = state;
  switch (phase.type) {
    case "joining":
      return joinMessage(state);
    case "resuming":
    case "queued":
    case "call":
      return resumeMessage(state, phase.held);
    case "opening":
    case "join":
    case "over":
      return null;
  }
}

function joinMessage({ phase, peer, sends }: State): ClientMessage | null {
  if (phase.type !== "joining" || phase.ticket.type !== "held" || !peer || peer.offer === null) {
    return null;
  }
  return { type: "join", ticket: phase.ticket.ticket, offer: peer.offer, sends };
}

/** Carries an offer where the peer connection was never answered: then it is new to the server. */
function resumeMessage({ peer, sends }: State, held: Held): ClientMessage | null {
  const resume = {
    type: "resume",
    session: held.id,
    secret: held.secret,
    epoch: held.epoch,
    sends,
  } as const;
  if (peer?.answered === true) {
    return resume;
  }
  return peer === null || peer.offer === null ? null : { ...resume, offer: peer.offer };
}
