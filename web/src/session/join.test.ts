import { describe, expect, it } from "vitest";
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
});

describe("a press on Join", () => {
  it("asks for the ticket and opens the socket side by side", () => {
    const effects = atJoin().take({ type: "pressed", attempt: "a1" });
    expect(effects).toEqual([
      { type: "mark", name: "join-pressed" },
      { type: "open_socket", socket: 1 },
      { type: "ask_ticket", ask: 1, attempt: "a1" },
      { type: "take_media", asBefore: false },
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
    session.take({ type: "pressed", attempt: "a1", appointment: "b7" });
    expect(session.ordered("ask_ticket")).toEqual([
      { type: "ask_ticket", ask: 1, attempt: "a1", appointment: "b7" },
    ]);
    session.take({ type: "ticket_granted", ask: 1, ticket: "t1" });
    session.take({ type: "socket_opened", socket: session.socket });
    session.said(joined());
    session.take({ type: "leave_pressed" });
    session.take({ type: "pressed", attempt: "a2" });
    expect(session.ordered("ask_ticket")).toMatchObject([{ attempt: "a2", appointment: "b7" }]);
  });

  it("goes back to where Join is when it is not the time of the appointment", () => {
    const session = atJoin();
    session.take({ type: "pressed", attempt: "a1", appointment: "b7" });
    const problem = { code: "too_early", retryAfterMs: 0 } as const;
    session.take({ type: "ticket_refused", ask: 1, problem });
    expect(session.ordered("look_up_link")).toHaveLength(1);
    session.take({ type: "link_told", view: VIEW });
    expect(session.state.phase).toEqual({ type: "join", notice: { type: "not_now" } });
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
