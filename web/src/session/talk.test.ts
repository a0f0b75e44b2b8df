// The clock of the talk, and what follows when its time is up.

import { describe, expect, it } from "vitest";
import type { Appointment, Clock } from "../wire/messages";
import { nextWake } from "./step";
import { atJoin, inCall, VIEW } from "./testing/journeys";
import { joined } from "./testing/messages";
import type { SessionUnderTest } from "./testing/session-under-test";

const clock = (ends_in_ms: number, more: Partial<Clock> = {}): Clock => ({
  begins_in_ms: 0,
  ends_in_ms,
  may_be_longer: true,
  ...more,
});

function appointment(meeting: string, changed: Partial<Appointment> = {}): Appointment {
  return {
    id: meeting,
    meeting,
    student: "Ana",
    subject: "Maths",
    teachers: ["Ms Okafor"],
    starts: "2026-11-19T16:00:00Z",
    ends: "2026-11-19T16:10:00Z",
    opens: "2026-11-19T15:45:00Z",
    joinable: true,
    phase: "upcoming",
    ...changed,
  };
}

const warnings = (session: SessionUnderTest) =>
  session.effects.flatMap((effect) =>
    effect.type === "announce" && effect.what.type === "time_left" ? [effect.what.seconds] : [],
  );

/** Wakes the session whenever it asks, until that moment, and gives what it warned of. */
function passed(session: SessionUnderTest, until: number): number[] {
  const told: number[] = [];
  for (let wake = nextWake(session.state); wake !== null && wake <= until; ) {
    session.now = Math.max(session.now, wake);
    session.take({ type: "woke" });
    told.push(...warnings(session));
    if (session.state.line.type === "live") {
      session.said({ type: "pong", n: session.state.line.beat.n });
    }
    wake = nextWake(session.state);
  }
  session.now = Math.max(session.now, until);
  return told;
}

describe("the clock", () => {
  it("warns at a minute and at ten seconds, once each, and again of a later end", () => {
    const session = inCall();
    const began = session.now;
    session.said({ type: "clock", clock: clock(90_000) });
    expect(passed(session, began + 85_000)).toEqual([60, 10]);
    session.said({ type: "clock", clock: clock(4_900) });
    expect(warnings(session)).toEqual([]);
    session.said({ type: "clock", clock: clock(65_000) });
    expect(passed(session, session.now + 64_000)).toEqual([60, 10]);
  });

  it("tells whoever comes late what is left", () => {
    const session = inCall();
    session.said({ type: "clock", clock: clock(40_000) });
    expect(warnings(session)).toEqual([40]);
    expect(passed(session, session.now + 39_000)).toEqual([10]);
  });
});

/** In the first of these. */
function inFirstOf(appointments: readonly Appointment[]): SessionUnderTest {
  const session = atJoin();
  session.take({ type: "link_told", view: { ...VIEW, appointments: [...appointments] } });
  session.take({ type: "pressed", attempt: "a1", meeting: "m1" });
  session.take({ type: "socket_opened", socket: session.socket });
  session.take({ type: "ticket_granted", ask: session.state.asks, ticket: "t1" });
  session.said(joined({ clock: clock(1_000) }));
  return session;
}

/** The connection is there. */
function connected(session: SessionUnderTest): void {
  session.take({ type: "peer_changed", peer: session.peer, health: "connected" });
}

/** Ten seconds before the end the server is told. */
function tellNext(session: SessionUnderTest, meeting: string): void {
  session.said({ type: "clock", clock: clock(30_000) });
  passed(session, session.now + 20_000);
  session.take({ type: "way_on_asked", attempt: "a2", meeting });
  expect(session.ordered("ask_ticket")).toMatchObject([{ attempt: "a2", meeting }]);
  session.take({ type: "ticket_granted", ask: session.state.asks, ticket: "t2" });
}

const goesOnTo = (session: SessionUnderTest) =>
  session.effects.find((effect) => effect.type === "go_on")?.meeting;

describe("when the time is up", () => {
  it("the page goes on to what follows, with its devices as they are", () => {
    const session = inFirstOf([
      appointment("m1", { phase: "now" }),
      appointment("m2", { phase: "over" }),
      appointment("m3"),
    ]);
    session.said({ type: "goodbye", reason: "time_up" });
    expect(goesOnTo(session)).toBe("m3");
    expect(session.effects.some(({ type }) => type === "release_media")).toBe(false);
    session.take({ type: "goes_on", attempt: "a2", meeting: "m3" });
    expect(session.state.phase.type).toBe("joining");
    expect(session.state.meeting).toBe("m3");
    session.take({ type: "socket_opened", socket: session.socket });
    session.take({ type: "offer_made", peer: session.peer, offer: "offer" });
    session.take({ type: "ticket_granted", ask: session.state.asks, ticket: "t2" });
    session.said(joined());
    expect(session.state.phase).toMatchObject({ type: "call", cameOn: true, written: [] });
    expect(session.state.goesOn).toBeNull();
  });

  it("goes on with the connection it has where the server was told in time", () => {
    const session = inFirstOf([appointment("m1", { phase: "now" }), appointment("m2")]);
    connected(session);
    tellNext(session, "m2");
    expect(session.ordered("send").map(({ message }) => message)).toEqual([
      { type: "next", ticket: "t2" },
    ]);
    const { socket, peer } = session;
    session.take({
      type: "sends_changed",
      sends: { microphone: true, camera: true, screen: true },
    });
    session.said({ type: "goodbye", reason: "time_up" });
    expect(session.ordered("send").map(({ message }) => message)).toEqual([
      { type: "enter", sends: { microphone: true, camera: true, screen: false } },
    ]);
    expect(session.ordered("stop_screen")).toHaveLength(1);
    expect(session.state.phase).toMatchObject({ type: "joining", attempt: "a2" });
    session.said(joined());
    expect(session.state.phase).toMatchObject({ type: "call", cameOn: true });
    expect([session.socket, session.peer, session.state.meeting]).toEqual([socket, peer, "m2"]);
    expect(session.ordered("make_offer")).toEqual([]);
  });

  it("makes a connection anew where the one it has is not fit for what comes next", () => {
    const session = inFirstOf([appointment("m1", { phase: "now" }), appointment("m2")]);
    connected(session);
    tellNext(session, "m2");
    session.said({ type: "goodbye", reason: "time_up" });
    session.said(joined());
    session.said({ type: "refused", code: "bad_offer", detail: "" });
    expect(session.ordered("make_offer")).toMatchObject([{ restart: false }]);
  });

  it("goes on as anybody comes where the server keeps nothing, or something else follows", () => {
    const session = inFirstOf([appointment("m1", { phase: "now" }), appointment("m2")]);
    connected(session);
    tellNext(session, "m2");
    session.said({ type: "goodbye", reason: "time_up" });
    session.closed(4014);
    expect(session.ordered("ask_ticket")).toMatchObject([{ attempt: "a2", meeting: "m2" }]);
    session.take({ type: "socket_opened", socket: session.socket });
    expect(session.ordered("make_offer")).toHaveLength(1);
    const moved = inFirstOf([appointment("m1", { phase: "now" }), appointment("m2")]);
    connected(moved);
    tellNext(moved, "m2");
    const appointments = [appointment("m1", { phase: "now" }), appointment("m3")];
    moved.take({ type: "link_told", view: { ...VIEW, appointments } });
    moved.said({ type: "goodbye", reason: "time_up" });
    expect(goesOnTo(moved)).toBe("m3");
  });

  it.each(["goodbye", "close"])(
    "says what is true where what follows was cancelled meanwhile, by %s",
    (how) => {
      const all = [appointment("m1", { phase: "now" }), appointment("m2")];
      const cancelled = (left: readonly Appointment[]) => {
        const session = inFirstOf(all);
        connected(session);
        tellNext(session, "m2");
        session.said({ type: "goodbye", reason: "time_up" });
        expect(session.state.phase.type).toBe("joining");
        if (how === "goodbye") {
          session.said({ type: "goodbye", reason: "ended" });
        } else {
          session.closed(4007);
        }
        expect(session.ordered("look_up_link")).toHaveLength(1);
        const { effects } = session;
        expect(effects).toContainEqual({ type: "release_media" });
        expect(effects).toContainEqual({ type: "forget_session" });
        session.take({ type: "link_told", view: { ...VIEW, appointments: [...left] } });
        expect(session.state.goesOn).toBeNull();
        return session.state.phase;
      };
      expect(cancelled([])).toEqual({ type: "join", notice: { type: "not_here" } });
      // Where it is there nevertheless, nothing else is said.
      expect(cancelled(all)).toEqual({ type: "join", notice: null });
    },
  );

  it("it is over where nothing follows, and nothing stays on", () => {
    const session = inFirstOf([appointment("m1", { phase: "now" })]);
    session.said({ type: "goodbye", reason: "time_up" });
    expect(session.state.phase).toEqual({ type: "over", why: "time_up" });
    expect(session.effects.some(({ type }) => type === "release_media")).toBe(true);
  });

  it("what cannot be joined yet is waited for, with nothing turned on", () => {
    const session = inFirstOf([appointment("m1"), appointment("m2", { joinable: false })]);
    session.said({ type: "goodbye", reason: "time_up" });
    session.take({ type: "goes_on", attempt: "a2", meeting: "m2" });
    session.take({
      type: "ticket_refused",
      ask: session.state.asks,
      problem: { code: "too_early", retryAfterMs: 0 },
    });
    expect(session.effects.some(({ type }) => type === "release_media")).toBe(true);
    expect(session.state.goesOn).toBe("m2");
    const closed = { ...VIEW, appointments: [appointment("m2", { joinable: false })] };
    session.take({ type: "link_told", view: closed });
    expect(goesOnTo(session)).toBeUndefined();
    const open = { ...VIEW, appointments: [appointment("m2")] };
    session.take({ type: "link_told", view: open });
    expect(goesOnTo(session)).toBe("m2");
  });

  it("whoever wants to stay is taken nowhere, and neither is whoever left", () => {
    const session = inFirstOf([appointment("m1"), appointment("m2")]);
    session.said({ type: "goodbye", reason: "time_up" });
    session.take({ type: "goes_on", attempt: "a2", meeting: "m2" });
    session.take({ type: "cancelled" });
    expect(session.state.goesOn).toBeNull();
    const left = inFirstOf([appointment("m1"), appointment("m2")]);
    left.take({ type: "leave_pressed" });
    left.take({ type: "goes_on", attempt: "a2", meeting: "m2" });
    expect(left.state.phase).toEqual({ type: "over", why: "left" });
  });
});
