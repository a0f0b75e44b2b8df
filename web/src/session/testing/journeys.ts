// The beginnings that many tests share.

import type { LinkView, ServerMessage } from "../../wire/messages";
import { joined, queued } from "./messages";
import { SessionUnderTest } from "./session-under-test";

export const VIEW: LinkView = {
  name: "Maria",
  role: "parent",
  title: "Year 5",
  others: [],
  in_use: false,
  appointments: [],
  seen: "",
};

/** The join page, with an offer at hand. */
export function atJoin(): SessionUnderTest {
  const session = new SessionUnderTest();
  session.take({ type: "opened", kept: null });
  session.take({ type: "offer_made", peer: session.peer, offer: "offer" });
  session.take({ type: "link_told", view: VIEW });
  return session;
}

/** Join was pressed, and `join` was sent. */
export function greeted(): SessionUnderTest {
  const session = atJoin();
  session.take({ type: "pressed", attempt: "a1" });
  session.take({ type: "socket_opened", socket: session.socket });
  session.take({ type: "ticket_granted", ask: session.state.asks, ticket: "t1" });
  return session;
}

function answeredWith(message: ServerMessage): SessionUnderTest {
  const session = greeted();
  session.said(message);
  return session;
}

/** In the call, media connected. */
export function inCall(): SessionUnderTest {
  const session = answeredWith(joined());
  session.take({ type: "peer_changed", peer: session.peer, health: "connected" });
  return session;
}

export function inQueue(place = 1): SessionUnderTest {
  return answeredWith(queued(place));
}
