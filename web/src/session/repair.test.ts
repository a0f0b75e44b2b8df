import { describe, expect, it } from "vitest";
import { greeted, inCall } from "./testing/journeys";
import { rejoined } from "./testing/messages";
import type { SessionUnderTest } from "./testing/session-under-test";

function fails(session: SessionUnderTest): void {
  session.take({ type: "peer_changed", peer: session.peer, health: "failed" });
}

/** Failed, signaling proved alive, ICE restart offered. */
function restarting(): SessionUnderTest {
  const session = inCall();
  fails(session);
  session.said({ type: "pong", n: 1 });
  session.take({ type: "offer_made", peer: 1, offer: "restart" });
  return session;
}

describe("a failed connection", () => {
  it("is restarted once signaling has proved that it lives", () => {
    const session = inCall();
    fails(session);
    expect(session.ordered("send")[0]?.message).toEqual({ type: "ping", n: 1 });
    expect(session.ordered("make_offer")).toEqual([]);
    session.said({ type: "pong", n: 1 });
    expect(session.effects).toEqual([{ type: "make_offer", peer: 1, restart: true }]);
    session.take({ type: "offer_made", peer: 1, offer: "restart" });
    expect(session.ordered("send")[0]?.message).toEqual({ type: "offer", offer: "restart" });
    session.said({ type: "answer", answer: "restarted" });
    expect(session.effects).toEqual([{ type: "apply_answer", peer: 1, answer: "restarted" }]);
    session.take({ type: "peer_changed", peer: 1, health: "connected" });
    expect(session.state.peer?.repair).toEqual({ type: "none" });
  });

  it("waits for the socket where signaling is dead too", () => {
    const session = inCall();
    fails(session);
    session.pass(2000);
    expect(session.state.line.type).toBe("opening");
    session.take({ type: "socket_opened", socket: session.socket });
    expect(session.ordered("send")[0]?.message).not.toHaveProperty("offer");
    session.said(rejoined());
    expect(session.ordered("make_offer")).toEqual([{ type: "make_offer", peer: 1, restart: true }]);
  });

  it("gives way to a fresh one where the restart is refused", () => {
    const session = restarting();
    session.said({ type: "refused", code: "bad_offer", detail: "" });
    expect(session.effects).toEqual([{ type: "make_offer", peer: 2, restart: false }]);
    session.take({ type: "offer_made", peer: 2, offer: "fresh" });
    expect(session.ordered("send")[0]?.message).toEqual({ type: "offer", offer: "fresh" });
    session.said({ type: "answer", answer: "anew" });
    expect(session.effects).toEqual([{ type: "apply_answer", peer: 2, answer: "anew" }]);
  });

  it("gives way to a fresh one where the restart has not connected in 5 s", () => {
    const session = restarting();
    session.said({ type: "answer", answer: "restarted" });
    const effects = session.pass(5000);
    expect(effects).toContainEqual({ type: "make_offer", peer: 2, restart: false });
  });

  it("resumes with the offer of a fresh one that was not answered yet", () => {
    const session = restarting();
    session.said({ type: "refused", code: "bad_offer", detail: "" });
    session.take({ type: "offer_made", peer: 2, offer: "fresh" });
    session.closed(1006);
    session.take({ type: "socket_opened", socket: session.socket });
    expect(session.ordered("send")[0]?.message).toMatchObject({ type: "resume", offer: "fresh" });
  });
});

describe("a connection that has ended at the server", () => {
  const gone = { type: "notice", notice: { type: "connection_gone" } } as const;

  it("gives way to a fresh one at once, with no restart in vain", () => {
    const session = inCall();
    session.said(gone);
    expect(session.effects).toEqual([{ type: "make_offer", peer: 2, restart: false }]);
    session.take({ type: "offer_made", peer: 2, offer: "fresh" });
    expect(session.ordered("send")[0]?.message).toEqual({ type: "offer", offer: "fresh" });
    session.said({ type: "answer", answer: "anew" });
    expect(session.effects).toEqual([{ type: "apply_answer", peer: 2, answer: "anew" }]);
  });

  it("is said once more in vain: the fresh one is on its way", () => {
    const session = inCall();
    session.said(gone);
    session.said(gone);
    expect(session.effects).toEqual([]);
    session.take({ type: "offer_made", peer: 2, offer: "fresh" });
    session.said(gone);
    expect(session.effects).toEqual([]);
  });

  it("gives way to a fresh one where a restart was on its way", () => {
    const session = restarting();
    session.said(gone);
    expect(session.effects).toEqual([{ type: "make_offer", peer: 2, restart: false }]);
  });
});

describe("a fresh connection", () => {
  function offered(): SessionUnderTest {
    const session = restarting();
    session.said({ type: "refused", code: "bad_offer", detail: "" });
    session.take({ type: "offer_made", peer: 2, offer: "fresh" });
    return session;
  }

  it("that is refused too ends the call, with a word", () => {
    const session = offered();
    session.said({ type: "refused", code: "bad_offer", detail: "" });
    expect(session.ordered("send")[0]?.message).toEqual({ type: "leave" });
    expect(session.state.phase).toEqual({ type: "over", why: "unsupported" });
  });

  it("follows soon upon one that the server was too busy for", () => {
    const session = offered();
    session.said({ type: "refused", code: "too_fast", detail: "" });
    expect(session.pass(2000)).toContainEqual({ type: "make_offer", peer: 3, restart: false });
  });

  it("is offered where a seat came without an answer", () => {
    const session = greeted();
    session.said(rejoined());
    expect(session.ordered("make_offer")).toEqual([
      { type: "make_offer", peer: 2, restart: false },
    ]);
    // What follows was about the offer before it.
    session.said({ type: "refused", code: "bad_offer", detail: "" });
    expect(session.state.phase.type).toBe("call");
  });
});

describe("a disconnected connection", () => {
  it("is left alone where it recovers before signaling has proved that it lives", () => {
    const session = inCall();
    const effects = session.take({ type: "peer_changed", peer: 1, health: "disconnected" });
    expect(effects).toMatchObject([{ type: "send", message: { type: "ping" } }]);
    session.take({ type: "peer_changed", peer: 1, health: "connected" });
    session.said({ type: "pong", n: 1 });
    expect(session.pass(1000)).toEqual([]);
    expect(session.ordered("make_offer")).toEqual([]);
  });

  it("is restarted once it has", () => {
    const session = inCall();
    session.take({ type: "peer_changed", peer: 1, health: "disconnected" });
    session.said({ type: "pong", n: 1 });
    expect(session.ordered("make_offer")).toEqual([{ type: "make_offer", peer: 1, restart: true }]);
  });

  it("is restarted at once where the socket was lost with it", () => {
    const session = inCall();
    session.take({ type: "peer_changed", peer: 1, health: "disconnected" });
    session.closed(1006);
    session.take({ type: "socket_opened", socket: session.socket });
    session.said(rejoined());
    expect(session.ordered("make_offer")).toEqual([{ type: "make_offer", peer: 1, restart: true }]);
  });

  it("still applies the answer where it recovered meanwhile", () => {
    const session = restarting();
    session.take({ type: "peer_changed", peer: 1, health: "connected" });
    session.said({ type: "answer", answer: "restarted" });
    expect(session.effects).toEqual([{ type: "apply_answer", peer: 1, answer: "restarted" }]);
    expect(session.state.peer?.repair).toEqual({ type: "none" });
  });
});

describe("a connection", () => {
  it("makes one offer, whoever comes and goes and however often the socket drops", () => {
    const session = inCall();
    const offers = [];
    for (let round = 0; round < 5; round += 1) {
      offers.push(...session.pass(12_000), ...session.closed(1006));
      session.take({ type: "socket_opened", socket: session.socket });
      offers.push(...session.said(rejoined()));
    }
    expect(offers.filter(({ type }) => type === "make_offer")).toEqual([]);
  });
});
