// The kept door, the time in which a member must come, and what it is to be on hold.

import { describe, expect, it } from "vitest";
import { nextWake } from "./step";
import { greeted, inCall, inQueue } from "./testing/journeys";
import { joined, person, queued, SESSION } from "./testing/messages";
import type { SessionUnderTest } from "./testing/session-under-test";

const announced = (session: SessionUnderTest) =>
  session.effects.flatMap((effect) => (effect.type === "announce" ? [effect.what] : []));

describe("at the door", () => {
  it("whoever knocks is told so once, and their place when they are let in", () => {
    const session = greeted();
    session.said({ ...queued(1), knocks: true });
    expect(announced(session)).toEqual([{ type: "let_in_soon" }]);
    session.said({ ...queued(2), knocks: true });
    expect(announced(session)).toEqual([]);
    session.said(queued(1));
    expect(announced(session)).toEqual([{ type: "place", place: 1 }]);
    expect(session.state.phase).toMatchObject({ type: "queued", knocks: false });
  });

  it("a member hears of each who knocks, once", () => {
    const session = inCall();
    const [ann, bob] = [
      { participant: 7, name: "Ann" },
      { participant: 8, name: "Bob" },
    ];
    session.said({ type: "knocking", people: [ann] });
    session.said({ type: "knocking", people: [ann, bob] });
    expect(announced(session)).toEqual([{ type: "knocks", name: "Bob" }]);
    session.said({ type: "knocking", people: [bob] });
    expect(announced(session)).toEqual([]);
    expect(session.state.phase).toMatchObject({ knocking: [bob] });
  });
});

describe("the time in which a member must come", () => {
  for (const [where, begin] of [
    ["in the call", inCall],
    ["in the queue", inQueue],
  ] as const) {
    it(`is by the page's own clock, and announced when it begins and ends, ${where}`, () => {
      const session = begin();
      session.said({ type: "countdown", ends_in_ms: 600_000 });
      expect(announced(session)).toEqual([{ type: "countdown", minutes: 10 }]);
      expect(session.state.phase).toMatchObject({ countdown: session.now + 600_000 });
      session.said({ type: "countdown" });
      expect(announced(session)).toEqual([{ type: "countdown", minutes: null }]);
      expect(session.state.phase).toMatchObject({ countdown: null });
    });
  }

  it("a new socket of the queue hears of it anew", () => {
    const session = inQueue();
    session.said({ type: "countdown", ends_in_ms: 600_000 });
    session.said(queued(2));
    expect(session.state.phase).toMatchObject({ countdown: session.now + 600_000 });
    session.closed(1006);
    session.pass(1_000);
    session.take({ type: "socket_opened", socket: session.socket });
    session.said(queued(2));
    expect(session.state.phase).toMatchObject({ countdown: null });
  });
});

describe("on hold", () => {
  const people = (on_hold: boolean) => [person(1, { on_hold }), person(2, { slot: 0 })];

  it("nobody repairs what the server took away, and a fresh connection follows", () => {
    const session = inCall();
    session.said({ type: "people", people: people(true) });
    expect(announced(session)).toEqual([{ type: "on_hold", name: null, held: true }]);
    const { peer } = session;
    for (const health of ["disconnected", "failed"] as const) {
      session.take({ type: "peer_changed", peer, health });
      expect(session.ordered("make_offer")).toEqual([]);
    }
    for (let beats = 0; beats < 6; beats += 1) {
      const ordered = session.pass(SESSION.heartbeat_ms).map(({ type }) => type);
      expect(ordered.filter((type) => type !== "send")).toEqual([]);
      const { line } = session.state;
      session.said({ type: "pong", n: line.type === "live" ? line.beat.n : 0 });
    }
    expect(session.peer).toBe(peer);
    const { answer: _, ...withoutAnswer } = joined({ people: people(false) });
    session.said(withoutAnswer);
    expect(announced(session)).toContainEqual({ type: "on_hold", name: null, held: false });
    session.said({ type: "notice", notice: { type: "connection_gone" } });
    expect(session.ordered("make_offer")).toEqual([
      { type: "make_offer", peer: session.peer, restart: false },
    ]);
    expect(session.peer).not.toBe(peer);
    expect(nextWake(session.state)).not.toBeNull();
  });

  it("an offer that was being made is not sent", () => {
    const session = inCall();
    session.said({ type: "notice", notice: { type: "connection_gone" } });
    session.said({ type: "people", people: people(true) });
    session.take({ type: "offer_made", peer: session.peer, offer: "fresh" });
    expect(session.ordered("send")).toEqual([]);
  });

  it("the others hear who is", () => {
    const session = inCall();
    session.said({ type: "people", people: [person(1), person(2, { slot: 0, on_hold: true })] });
    expect(announced(session)).toEqual([{ type: "on_hold", name: "Person 2", held: true }]);
  });
});
