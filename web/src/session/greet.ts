// The first message on a socket: `prepare` before the press, `join` after it, `resume` ever after.

import type { ClientMessage } from "../wire/messages";
import type { Orders } from "./effect";
import { preparePeer } from "./repair";
import type { Held, State } from "./state";

/** How long a greeting may go unanswered. */
export const ANSWER_MS = 10_000;

/** Greets where the socket is open and everything the greeting needs is there. */
export function greet(state: State, now: number, orders: Orders): State {
  const { line } = state;
  if (line.type !== "open") {
    return state;
  }
  if (state.phase.type === "joining" && state.peer?.answered === true) {
    // It was made ready on a socket that is lost, and with it.
    return preparePeer(state, { type: "none" }, orders);
  }
  const message = greeting(state);
  if (message === null) {
    return state;
  }
  orders.push({ type: "send", socket: line.socket, message });
  return {
    ...state,
    told: message.type === "prepare" ? null : state.sends,
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
    case "join":
      return prepareMessage(state);
    case "opening":
    case "over":
      return null;
  }
}

function prepareMessage({ ready, peer }: State): ClientMessage | null {
  return ready.type !== "held" || !peer || peer.offer === null
    ? null
    : { type: "prepare", ticket: ready.ticket, offer: peer.offer };
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
