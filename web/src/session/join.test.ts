import { describe, expect, it } from "vitest";
import type { Appointment } from "../wire/messages";
import type { Event } from "./event";
import { atJoin, greeted, inCall, inQueue, VIEW } from "./testing/journeys";
import { joined, person, queued } from "./testing/messages";
import { SessionUnderTest } from "./testing/session-under-test";

describe("opening a link", () => {
  it("looks it up and prepares an offer, and nothing that admits", () => {
    const session = new SessionUnderTest();
    const effects = session.take({ type: "opened", kept: null });
    expect(effects.map(({ type }) => type)).toEqual(["make_offer", "look_up_link"]);
    session.take({ type: "offer_made", peer: 1, offer: "offer" });
    session.take({ type: "link_told", view: VIEW });
    expect(session.state.phase).toEqual({ type: "join", notice: null });
    expect(session.pass(3_600_000)).toEqual([]);
  });

  it("looks again where the server cannot be reached, at once when online", () => {
    const session = new SessionUnderTest();
    session.take({ type: "opened", kept: null });
    session.take({ type: "link_unreachable" });
    expect(session.pass(300).map(({ type }) => type)).toEqual(["look_up_link"]);
    session.take({ type: "link_unreachable" });
    expect(session.take({ type: "went_online" }).map(({ type }) => type)).toEqual(["look_up_link"]);
  });

  it("ends with an unknown link", () => {
    const session = new SessionUnderTest();
    session.take({ type: "opened", kept: null });
    session.take({ type: "link_refused", problem: { code: "no_such_link", retryAfterMs: 0 } });
    expect(session.state.phase).toEqual({ type: "over", why: "no_such_link" });
    session.take({ type: "pressed", attempt: "a1" });
  });

  it.each([
    ["link_withdrawn", "withdrawn"],
    ["evening_over", "evening_over"],
  ] as const)("says what became of a link (%s), when it is opened and later", (code, why) => {
    const problem = { code, retryAfterMs: 0 };
    const session = new SessionUnderTest();
    session.take({ type: "opened", kept: null });
    session.take({ type: "link_refused", problem });
    expect(session.state.phase).toEqual({ type: "over", why });
    const waiting = atJoin();
    waiting.take({ type: "came_back" });
    waiting.take({ type: "link_refused", problem });
    expect(waiting.state.phase).toEqual({ type: "over", why });
    expect(waiting.effects).toContainEqual({ type: "announce", what: { type: "over", why } });
    const pressing = atJoin();
    pressing.take({ type: "pressed", attempt: "a1" });
    pressing.take({ type: "ticket_refused", ask: pressing.state.asks, problem });
    expect(pressing.state.phase).toEqual({ type: "over", why });
  });

  it("tells whose fault it is that it cannot be looked up", () => {
    const session = new SessionUnderTest();
    session.take({ type: "opened", kept: null });
    session.take({ type: "link_refused", problem: { code: "too_many", retryAfterMs: 9000 } });
    expect(session.state.phase).toMatchObject({ trouble: "too_many", until: session.now + 9000 });
    session.pass(9000);
    session.take({ type: "link_refused", problem: { code: "unavailable", retryAfterMs: 0 } });
    expect(session.state.phase).toMatchObject({ trouble: "unavailable" });
    session.take({ type: "link_unreachable" });
    expect(session.state.phase).toMatchObject({ trouble: "unreachable" });
    expect(session.take({ type: "came_back" })).toEqual([{ type: "look_up_link" }]);
  });
});

describe("a page that waits", () => {
  const appointment: Appointment = {
    id: "7",
    meeting: "8",
    student: "Ana",
    subject: "Music",
    teachers: ["Mr Brandt"],
    starts: "2026-11-19T18:00:00Z",
    ends: "2026-11-19T18:10:00Z",
    opens: "2026-11-19T17:45:00Z",
    joinable: false,
    phase: "upcoming",
  };
  const told = (joinable: boolean): Event => ({
    type: "link_told",
    view: { ...VIEW, appointments: [{ ...appointment, joinable }] },
  });

  it("announces once that an appointment can be joined now", () => {
    const session = atJoin();
    expect(session.take(told(false))).toEqual([]);
    expect(session.take(told(true))).toEqual([
      { type: "announce", what: { type: "can_join", subject: "Music", student: "Ana" } },
    ]);
    expect(session.take(told(true))).toEqual([]);
  });

  it("is not told that it is too early when it is no more", () => {
    const session = atJoin();
    session.take(told(false));
    session.take({ type: "pressed", attempt: "a1", meeting: "7" });
    const problem = { code: "too_early", retryAfterMs: 0 } as const;
    session.take({ type: "ticket_refused", ask: 1, problem });
    session.take(told(false));
    expect(session.state.phase).toEqual({ type: "join", notice: { type: "too_early" } });
    session.take(told(true));
    expect(session.state.phase).toEqual({ type: "join", notice: null });
  });
});

describe("a browser that cannot make calls", () => {
  it("shows everything but the call, and says so at the press, as often as it is pressed", () => {
    const session = new SessionUnderTest();
    session.take({ type: "opened", kept: null });
    session.take({ type: "offer_failed", peer: session.peer });
    session.take({ type: "link_told", view: VIEW });
    expect(session.state.phase).toEqual({ type: "join", notice: null });
    for (const attempt of ["a1", "a2"]) {
      session.take({ type: "pressed", attempt });
      session.take({ type: "offer_failed", peer: session.peer });
      expect(session.state.phase).toEqual({ type: "join", notice: { type: "cannot_call" } });
      expect(session.ordered("release_media")).toHaveLength(1);
      session.take({ type: "offer_failed", peer: session.peer });
      expect(session.state.phase).toEqual({ type: "join", notice: { type: "cannot_call" } });
    }
  });
});

describe("a press on Join", () => {
  it("asks for the ticket and opens the socket side by side", () => {
    const effects = atJoin().take({ type: "pressed", attempt: "a1" });
    expect(effects).toEqual([
      { type: "mark", name: "join-pressed" },
      { type: "open_socket", socket: 1 },
      { type: "ask_ticket", ask: 1, attempt: "a1" },
      { type: "take_media" },
    ]);
  });

  it("sends `join` when ticket, socket and offer are there, in whatever order", () => {
    const session = new SessionUnderTest();
    session.take({ type: "opened", kept: null });
    session.take({ type: "link_told", view: VIEW });
    session.take({ type: "pressed", attempt: "a1" });
    session.take({ type: "ticket_granted", ask: 1, ticket: "t1" });
    expect(session.take({ type: "socket_opened", socket: 1 })).toEqual([]);
    session.take({ type: "offer_made", peer: 1, offer: "offer" });
    const { sends } = session.state;
    expect(session.effects).toEqual([
      { type: "send", socket: 1, message: { type: "join", ticket: "t1", offer: "offer", sends } },
    ]);
  });

  it("counts once, however often it is pressed", () => {
    const session = atJoin();
    session.take({ type: "pressed", attempt: "a1" });
    expect(session.take({ type: "pressed", attempt: "a2" })).toEqual([]);
  });

  it("is tried again as the same attempt, with another ticket once one was sent", () => {
    const session = greeted();
    const effects = session.closed(1006);
    expect(effects).toContainEqual({ type: "ask_ticket", ask: 2, attempt: "a1" });
    expect(session.ordered("open_socket")).toHaveLength(1);
    // A late answer to the first request is of no use any more.
    session.take({ type: "ticket_granted", ask: 1, ticket: "late" });
    session.take({ type: "socket_opened", socket: session.socket });
    expect(session.effects).toEqual([]);
    session.take({ type: "ticket_granted", ask: 2, ticket: "t2" });
    expect(session.ordered("send")[0]?.message).toMatchObject({ type: "join", ticket: "t2" });
  });

  it("keeps a ticket that was not sent", () => {
    const session = atJoin();
    session.take({ type: "pressed", attempt: "a1" });
    session.take({ type: "ticket_granted", ask: 1, ticket: "t1" });
    session.closed(1006);
    expect(session.ordered("ask_ticket")).toEqual([]);
    session.take({ type: "socket_opened", socket: session.socket });
    expect(session.ordered("send")[0]?.message).toMatchObject({ type: "join", ticket: "t1" });
  });

  it("tries again when the ticket cannot be fetched, or the greeting is not answered", () => {
    const session = atJoin();
    session.take({ type: "pressed", attempt: "a1" });
    session.take({ type: "ticket_unreachable", ask: 1 });
    expect(session.ordered("ask_ticket")).toEqual([{ type: "ask_ticket", ask: 2, attempt: "a1" }]);
    const silent = greeted();
    const later = silent.pass(10_000).map(({ type }) => type);
    expect(later).toEqual(["close_socket", "open_socket", "ask_ticket"]);
  });

  it("can be given up, and gives back a seat that may just have been taken", () => {
    const session = greeted();
    session.take({ type: "cancelled" });
    expect(session.ordered("send")[0]?.message).toEqual({ type: "leave" });
    expect(session.state.phase).toEqual({ type: "join", notice: null });
  });

  it("says how long to wait after too many swaps, and then counts again", () => {
    const session = atJoin();
    session.take({ type: "pressed", attempt: "a1" });
    session.take({
      type: "ticket_refused",
      ask: 1,
      problem: { code: "swapped_too_often", retryAfterMs: 20_000 },
    });
    const until = session.now + 20_000;
    expect(session.state.phase).toEqual({
      type: "join",
      notice: { type: "wait", why: "swapped", until },
    });
    expect(session.take({ type: "pressed", attempt: "a2" })).toEqual([]);
    session.pass(20_000);
    session.take({ type: "pressed", attempt: "a3" });
    expect(session.state.phase.type).toBe("joining");
  });

  it("is for the appointment named, and so is joining again", () => {
    const session = atJoin();
    session.take({ type: "pressed", attempt: "a1", meeting: "b7" });
    expect(session.ordered("ask_ticket")).toEqual([
      { type: "ask_ticket", ask: 1, attempt: "a1", meeting: "b7" },
    ]);
    session.take({ type: "ticket_granted", ask: 1, ticket: "t1" });
    session.take({ type: "socket_opened", socket: session.socket });
    session.said(joined());
    session.take({ type: "leave_pressed" });
    session.take({ type: "pressed", attempt: "a2" });
    expect(session.ordered("ask_ticket")).toMatchObject([{ attempt: "a2", meeting: "b7" }]);
  });

  it.each([
    ["too_early", "too_early"],
    ["over", "too_late"],
    ["not_found", "not_here"],
  ] as const)("goes back to where Join is when it is refused as %s, and says so", (code, type) => {
    const session = atJoin();
    session.take({ type: "pressed", attempt: "a1", meeting: "b7" });
    session.take({ type: "ticket_refused", ask: 1, problem: { code, retryAfterMs: 0 } });
    expect(session.ordered("look_up_link")).toHaveLength(1);
    session.take({ type: "link_told", view: VIEW });
    expect(session.state.phase).toEqual({ type: "join", notice: { type } });
  });

  it("is over where the school has ended that call", () => {
    const session = atJoin();
    session.take({ type: "pressed", attempt: "a1", meeting: "b7" });
    const problem = { code: "call_stopped", retryAfterMs: 0 } as const;
    session.take({ type: "ticket_refused", ask: 1, problem });
    expect(session.state.phase).toEqual({ type: "over", why: "stopped" });
  });

  it("ends where no offer can be used", () => {
    const session = greeted();
    session.said({ type: "refused", code: "bad_offer", detail: "" });
    expect(session.state.phase).toEqual({ type: "over", why: "unsupported" });
  });
});

describe("joined", () => {
  it("applies the answer before anything else", () => {
    const session = greeted();
    session.said(joined());
    expect(session.effects[0]).toEqual({ type: "apply_answer", peer: 1, answer: "answer" });
    expect(session.state.phase.type).toBe("call");
  });

  it("tells the server what has changed since `join` was sent", () => {
    const session = greeted();
    const sends = { microphone: true, camera: true, screen: false };
    session.take({ type: "sends_changed", sends });
    expect(session.effects).toEqual([]);
    session.said(joined());
    expect(session.ordered("send")[0]?.message).toEqual({ type: "sends", sends });
  });

  it("keeps the newest secret", () => {
    const session = inCall();
    session.closed(1006);
    session.take({ type: "socket_opened", socket: session.socket });
    session.said(joined({ session: { ...joined().session, secret: "newer" } }));
    expect(session.ordered("keep_session")[0]?.held.secret).toBe("newer");
  });
});

describe("the queue", () => {
  it("shows the place and lets in by itself", () => {
    const session = inQueue(2);
    expect(session.state.phase).toMatchObject({ type: "queued", place: 2, active: 4 });
    session.said(queued(1));
    expect(session.state.phase).toMatchObject({ place: 1 });
    expect(session.ordered("announce")).toEqual([
      { type: "announce", what: { type: "place", place: 1 } },
    ]);
    session.said(joined());
    expect(session.ordered("apply_answer")).toHaveLength(1);
    expect(session.state.phase.type).toBe("call");
  });

  it("says nothing of camera and microphone before the seat is there", () => {
    const session = inQueue();
    const sends = { microphone: false, camera: true, screen: false };
    session.take({ type: "sends_changed", sends });
    expect(session.ordered("send")).toEqual([]);
    session.said(joined());
    expect(session.ordered("send")[0]?.message).toEqual({ type: "sends", sends });
  });

  it("resumes with its offer, which nobody has answered", () => {
    const session = inQueue();
    session.closed(1006);
    session.take({ type: "socket_opened", socket: session.socket });
    expect(session.ordered("send")[0]?.message).toMatchObject({ type: "resume", offer: "offer" });
  });

  it("may be left", () => {
    const session = inQueue();
    session.take({ type: "leave_pressed" });
    expect(session.ordered("send")[0]?.message).toEqual({ type: "leave" });
    expect(session.state.phase).toEqual({ type: "over", why: "stopped_waiting" });
  });
});

describe("people", () => {
  it("are announced as they come, go and reconnect", () => {
    const session = inCall();
    session.said({
      type: "people",
      people: [person(1), person(2, { slot: 0, reconnecting: true }), person(3, { slot: 1 })],
    });
    session.said({ type: "people", people: [person(1), person(3, { slot: 1 })] });
    expect(session.ordered("announce").map(({ what }) => what)).toEqual([
      { type: "person_left", name: "Person 2" },
    ]);
  });

  it("show the screen of who began last, in the order they began", () => {
    const sharing = { microphone: true, camera: true, screen: true };
    const session = inCall();
    session.said({ type: "people", people: [person(1), person(3, { sends: sharing })] });
    session.said({
      type: "people",
      people: [person(1), person(2, { sends: sharing }), person(3, { sends: sharing })],
    });
    expect(session.state.phase).toMatchObject({ screens: [3, 2] });
  });
});
