import { describe, expect, it } from "vitest";
import { atJoin, greeted } from "./testing/journeys";
import { joined, queued } from "./testing/messages";
import type { SessionUnderTest } from "./testing/session-under-test";

const PREPARED = {
  type: "prepared",
  answer: "answer",
  heartbeat_ms: 5000,
  kept_ms: 300_000,
} as const;

/** The server has prepared; the connection is on its way. */
function answered(): SessionUnderTest {
  const session = atJoin();
  session.take({ type: "get_ready", attempt: "r1" });
  session.take({ type: "ticket_granted", ask: session.state.asks, ticket: "t1" });
  session.take({ type: "socket_opened", socket: session.socket });
  session.said(PREPARED);
  return session;
}

function ready(): SessionUnderTest {
  const session = answered();
  session.take({ type: "peer_changed", peer: session.peer, health: "connected" });
  return session;
}

describe("made ready before the press", () => {
  it("asks for a ticket, prepares with it, and sends nothing else", () => {
    const session = atJoin();
    const effects = session.take({ type: "get_ready", attempt: "r1" });
    expect(effects).toEqual([{ type: "ask_ticket", ask: 1, attempt: "r1", prepares: true }]);
    session.take({ type: "ticket_granted", ask: 1, ticket: "t1" });
    session.take({ type: "socket_opened", socket: session.socket });
    expect(session.ordered("send").map(({ message }) => message)).toEqual([
      { type: "prepare", ticket: "t1", offer: "offer" },
    ]);
    session.said(PREPARED);
    expect(session.effects).toEqual([{ type: "apply_answer", peer: 1, answer: "answer" }]);
    expect(session.state.phase.type).toBe("join");
  });

  it("is pressed with one message, and joins without an offer", () => {
    const session = ready();
    session.take({ type: "pressed", attempt: "a1" });
    expect(session.effects).toEqual([
      { type: "mark", name: "join-pressed" },
      {
        type: "send",
        socket: session.socket,
        message: { type: "enter", sends: session.state.sends },
      },
      { type: "take_media", yields: true },
    ]);
    session.said(joined());
    expect(session.state.phase.type).toBe("call");
    expect(session.ordered("make_offer")).toEqual([]);
    session.pass(6000);
    expect(session.state.peer?.repair).toEqual({ type: "none" });
  });

  it("waits in a full call with what is ready", () => {
    const session = ready();
    session.take({ type: "pressed", attempt: "a1" });
    session.said(queued(1));
    session.said(joined());
    expect(session.state.phase.type).toBe("call");
    expect(session.ordered("make_offer")).toEqual([]);
  });

  it("gives way to a fresh connection where the server refuses it", () => {
    const session = ready();
    session.take({ type: "pressed", attempt: "a1" });
    session.said(joined());
    session.said({ type: "refused", code: "bad_offer", detail: "" });
    expect(session.effects).toEqual([{ type: "make_offer", peer: 2, restart: false }]);
  });

  it("retries the same press with a fresh connection where the socket is lost after it", () => {
    const session = ready();
    session.take({ type: "pressed", attempt: "a1" });
    session.closed(1006);
    expect(session.ordered("ask_ticket")).toEqual([{ type: "ask_ticket", ask: 2, attempt: "r1" }]);
    session.take({ type: "ticket_granted", ask: 2, ticket: "t2" });
    session.take({ type: "socket_opened", socket: session.socket });
    expect(session.ordered("make_offer")).toEqual([
      { type: "make_offer", peer: 2, restart: false },
    ]);
    session.take({ type: "offer_made", peer: 2, offer: "fresh" });
    expect(session.ordered("send")[0]?.message).toMatchObject({ type: "join", offer: "fresh" });
  });

  it("asks for a ticket where the server does not let it in any more, and says what that says", () => {
    const session = ready();
    session.take({ type: "pressed", attempt: "a1" });
    session.closed(4015);
    expect(session.ordered("ask_ticket")).toEqual([{ type: "ask_ticket", ask: 2, attempt: "r1" }]);
    const problem = { code: "too_early", retryAfterMs: 0 } as const;
    session.take({ type: "ticket_refused", ask: 2, problem });
    expect(session.state.phase).toMatchObject({ notice: { type: "too_early" } });
  });

  it("is not waited for: a press before it is there goes as ever", () => {
    const asked = atJoin();
    asked.take({ type: "get_ready", attempt: "r1" });
    for (const session of [asked, atJoin()]) {
      session.take({ type: "pressed", attempt: "a1" });
      session.take({ type: "offer_made", peer: session.peer, offer: "fresh" });
      const ask = session.state.asks;
      session.take({ type: "ticket_granted", ask, ticket: "t2" });
      session.take({ type: "socket_opened", socket: session.socket });
      expect(session.ordered("send")[0]?.message).toMatchObject({ type: "join", ticket: "t2" });
    }
  });

  it("is entered while it connects, and gives way to a fresh one where it does not", () => {
    const session = answered();
    session.take({ type: "pressed", attempt: "a1" });
    expect(session.ordered("send")[0]?.message).toMatchObject({ type: "enter" });
    session.said(joined());
    expect(session.pass(5_000)).toContainEqual({ type: "make_offer", peer: 2, restart: false });
  });

  it("is for the appointment that it was made for alone", () => {
    const session = ready();
    session.take({ type: "pressed", attempt: "a1", meeting: "9" });
    expect(session.ordered("ask_ticket")).toMatchObject([{ attempt: "a1", meeting: "9" }]);
    expect(session.ordered("send")).toEqual([]);
  });

  it("goes when nobody looks, and is made anew for whoever looks again", () => {
    const session = ready();
    session.take({ type: "unlooked" });
    expect(session.effects.map(({ type }) => type)).toEqual(["close_socket", "close_peer"]);
    session.take({ type: "get_ready", attempt: "r2" });
    session.take({ type: "ticket_granted", ask: session.state.asks, ticket: "t2" });
    expect(session.ordered("make_offer")).toHaveLength(1);
  });

  it("is made anew the less often the more often it is in vain", () => {
    const session = atJoin();
    for (const wait of [1_000, 30_000, 300_000, 300_000]) {
      session.take({ type: "get_ready", attempt: "r" });
      expect(session.ordered("ask_ticket")).toHaveLength(1);
      session.take({ type: "ticket_unreachable", ask: session.state.asks });
      session.pass(wait - 1);
      session.take({ type: "get_ready", attempt: "r" });
      expect(session.effects).toEqual([]);
      session.pass(1);
    }
    session.take({ type: "get_ready", attempt: "r" });
    session.take({ type: "ticket_granted", ask: session.state.asks, ticket: "t" });
    session.take({ type: "socket_opened", socket: session.socket });
    session.said(PREPARED);
    session.take({ type: "peer_changed", peer: session.peer, health: "connected" });
    session.closed(4015);
    session.pass(1_000);
    session.take({ type: "get_ready", attempt: "r" });
    expect(session.ordered("ask_ticket")).toHaveLength(1);
  });

  it("is given up where no connection comes about", () => {
    const session = answered();
    session.pass(5_000);
    expect(session.state.line.type).toBe("none");
    expect(session.state.phase).toEqual({ type: "join", notice: null });
  });

  it("says nothing of a session, whatever a server says", () => {
    const session = ready();
    session.said(joined());
    expect(session.state.phase.type).toBe("join");
    session.said({ type: "goodbye", reason: "withdrawn" });
    expect(session.state.phase).toEqual({ type: "over", why: "withdrawn" });
  });

  it("is for nobody who is in a call", () => {
    const session = greeted();
    session.said(joined());
    session.take({ type: "get_ready", attempt: "r1" });
    expect(session.effects).toEqual([]);
  });
});
