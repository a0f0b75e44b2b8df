import { describe, expect, it } from "vitest";
import type { GoodbyeReason } from "../wire/messages";
import { CLOSES } from "../wire/messages";
import { atJoin, greeted, inCall, inQueue, VIEW } from "./testing/journeys";
import { joined, rejoined } from "./testing/messages";
import { SessionUnderTest } from "./testing/session-under-test";

const HELD = { id: "session-1", secret: "secret-1", epoch: 3 };

describe("a dropped socket", () => {
  it("is opened again at once, and resumes without an offer", () => {
    const session = inCall();
    session.closed(1006);
    expect(session.ordered("open_socket")).toHaveLength(1);
    session.take({ type: "socket_opened", socket: session.socket });
    const { sends } = session.state;
    expect(session.ordered("send")[0]?.message).toEqual({
      type: "resume",
      session: "session-1",
      secret: "secret-1",
      epoch: 3,
      sends,
    });
    session.said(rejoined());
    expect(session.state.line.type).toBe("live");
    expect(session.ordered("make_offer")).toEqual([]);
  });

  it("is tried at 0, 0.3 and 1.2 s, then every 2 s while the seat is kept, then less often, the later ones spread", () => {
    const session = inCall();
    session.closed(1006);
    const waits: number[] = [];
    for (let attempt = 0; attempt < 20; attempt += 1) {
      const from = session.now;
      session.closed(1006);
      while (session.state.line.type === "waiting") {
        session.pass(1);
      }
      waits.push(session.now - from);
    }
    expect(waits[0]).toBe(300);
    const later = [1200, ...Array.from({ length: 15 }, () => 2000), 4800, 7000, 7000];
    later.forEach((ms, index) => {
      expect(waits[index + 1]).toBeGreaterThanOrEqual(ms * 0.75);
      expect(waits[index + 1]).toBeLessThanOrEqual(ms * 1.25);
    });
    expect(new Set(waits.slice(4)).size).toBeGreaterThan(1);
  });

  it("finds a program that begins again within 5 s of it, however long it was away", () => {
    for (let away = 500; away < 25_000; away += 250) {
      const session = inCall();
      const from = session.now;
      session.closed(1006);
      while (session.now - from < away) {
        session.pass(1);
        if (session.state.line.type === "opening") {
          session.closed(1006);
        }
      }
      while (session.state.line.type !== "opening") {
        session.pass(1);
      }
      expect(session.now - from - away).toBeLessThanOrEqual(2_500);
    }
  });

  it("is offered anew where the server has lost its media", () => {
    const session = inCall();
    session.closed(1006);
    session.take({ type: "socket_opened", socket: session.socket });
    session.said(rejoined());
    const relay = { urls: ["turn:192.0.2.1:3478"], username: "name", credential: "password" };
    session.said({ type: "notice", notice: { type: "connection_gone", relay } });
    expect(session.effects).toMatchObject([
      { type: "use_relay", relay },
      { type: "make_offer", restart: false },
    ]);
    session.take({ type: "offer_made", peer: session.peer, offer: "fresh" });
    expect(session.ordered("send").at(-1)).toMatchObject({
      message: { type: "offer", offer: "fresh" },
    });
  });

  it("is tried at once when the network is back", () => {
    const session = inCall();
    session.closed(1006);
    session.closed(1006);
    expect(session.state.line.type).toBe("waiting");
    session.take({ type: "went_online" });
    expect(session.ordered("open_socket")).toHaveLength(1);
  });

  it("does not come back faster because each new one holds for a moment", () => {
    const session = inCall();
    const from = session.now;
    for (let round = 0; round < 5; round += 1) {
      session.closed(4009);
      while (session.state.line.type === "waiting") {
        session.pass(1);
      }
      session.take({ type: "socket_opened", socket: session.socket });
      session.said(rejoined());
    }
    expect(session.now - from).toBeGreaterThan(300 + 900 + 1500 + 1500);
  });

  it("is noticed by two pings without a pong", () => {
    const session = inCall();
    expect(session.pass(5000)).toMatchObject([{ type: "send", message: { type: "ping", n: 1 } }]);
    session.said({ type: "pong", n: 1 });
    session.pass(10_000);
    expect(session.sockets.size).toBe(1);
    const before = session.socket;
    const effects = session.pass(5000);
    expect(effects).toContainEqual({ type: "close_socket", socket: before });
    expect(session.socket).toBe(before + 1);
  });

  it("must prove itself within 2 s after the network came back", () => {
    const session = inCall();
    const before = session.socket;
    session.take({ type: "went_online" });
    expect(session.ordered("send")[0]?.message.type).toBe("ping");
    session.pass(2000);
    expect(session.socket).toBe(before + 1);
  });

  it("speaks no more once it was replaced by another", () => {
    const session = inCall();
    const old = session.socket;
    session.closed(1006);
    expect(session.take({ type: "socket_said", socket: old, message: joined() })).toEqual([]);
    expect(session.take({ type: "socket_closed", socket: old, code: 4003 })).toEqual([]);
    expect(session.state.phase.type).toBe("call");
  });
});

describe("a reload", () => {
  it("resumes with a new offer, camera and microphone as they were, without a press", () => {
    const session = new SessionUnderTest();
    const effects = session.take({ type: "opened", kept: HELD });
    expect(effects.map(({ type }) => type)).toEqual([
      "make_offer",
      "expect_media",
      "open_socket",
      "look_up_link",
    ]);
    session.take({ type: "socket_opened", socket: 1 });
    session.take({ type: "offer_made", peer: 1, offer: "new" });
    expect(session.ordered("send")[0]?.message).toMatchObject({ type: "resume", offer: "new" });
    session.said(joined());
    expect(session.state.phase.type).toBe("call");
    expect(session.ordered("take_media")).toHaveLength(1);
  });

  it("turns nothing on before the session is known to live, and off where it does not", () => {
    for (const end of [4002, 4003, 4004, 4007]) {
      const session = new SessionUnderTest();
      const effects = [...session.take({ type: "opened", kept: HELD })];
      effects.push(...session.closed(end));
      const types = effects.map(({ type }) => type);
      expect(types, `${end}`).not.toContain("take_media");
      expect(types, `${end}`).toContain("release_media");
    }
  });

  it("knows which meeting Join was pressed for", () => {
    const session = new SessionUnderTest();
    session.take({ type: "opened", kept: HELD, meeting: "7" });
    session.closed(4003);
    session.take({ type: "pressed", attempt: "a1" });
    expect(session.ordered("ask_ticket")[0]).toMatchObject({ meeting: "7" });
  });

  it("comes to the join page where the session is gone", () => {
    const session = new SessionUnderTest();
    session.take({ type: "opened", kept: HELD });
    session.closed(4002);
    expect(session.effects.map(({ type }) => type)).toContain("forget_session");
    expect(session.state.phase).toMatchObject({ type: "opening", notice: { type: "gone" } });
    expect(session.sockets.size).toBe(0);
  });

  it("learns that it was replaced meanwhile", () => {
    const session = new SessionUnderTest();
    session.take({ type: "opened", kept: HELD });
    session.take({ type: "offer_made", peer: 1, offer: "new" });
    session.take({ type: "socket_opened", socket: 1 });
    session.said({ type: "goodbye", reason: "replaced" });
    expect(session.state.phase).toEqual({ type: "over", why: "replaced" });
  });
});

describe("the last word", () => {
  const reasons: GoodbyeReason[] = [
    "replaced",
    "withdrawn",
    "disconnected",
    "stopped",
    "left",
    "ended",
  ];
  it.each(reasons)("%s ends everything", (why) => {
    // A call that nobody was in yet is not there at all: that is said where Join is.
    const before = why === "ended" ? [] : [greeted()];
    for (const session of [...before, inQueue(), inCall()]) {
      // Whoever only waited has done nothing in a call that was ended for abuse, and comes as before.
      const isInnocent = why === "stopped" && session.state.phase.type === "queued";
      session.said({ type: "goodbye", reason: why });
      expect(session.state.phase).toEqual({ type: "over", why: isInnocent ? "ended" : why });
      expect(session.effects.map(({ type }) => type)).toEqual([
        "close_socket",
        "close_peer",
        "forget_session",
        "release_media",
        "announce",
      ]);
      expect(session.pass(600_000)).toEqual([]);
    }
  });

  it("of a server that ends is followed by the way back", () => {
    for (const session of [greeted(), inQueue(), inCall()]) {
      const before = session.state.phase.type;
      session.said({ type: "goodbye", reason: "shutdown" });
      expect(session.state.phase.type).toBe(before);
      expect(session.state.line.type).not.toBe("none");
      // It has not begun again yet.
      while (session.state.line.type !== "opening") {
        session.pass(1);
      }
      session.closed(1006);
      expect(session.state.phase.type).toBe(before);
      expect(session.state.line.type).toBe("waiting");
    }
  });

  it("ends the call where its reason is not known yet", () => {
    const session = inCall();
    session.said({ type: "goodbye", reason: "unknown" });
    expect(session.state.phase).toEqual({ type: "over", why: "ended" });
  });

  it("may also be the close code alone", () => {
    const session = inCall();
    session.closed(4003);
    expect(session.state.phase).toEqual({ type: "over", why: "replaced" });
  });

  it("follows the table of close codes", () => {
    for (const [code, { comeBack }] of Object.entries(CLOSES)) {
      const session = inCall();
      session.closed(Number(code));
      const { phase } = session.state;
      const stays = phase.type === "call" ? "resume" : "not";
      expect(stays === "resume", `${code}`).toBe(comeBack === "resume");
      if (comeBack === "press") {
        expect(["opening", "join", "over"], `${code}`).toContain(phase.type);
      }
    }
  });

  it("leads on by a press alone, as a new attempt with a new connection", () => {
    const session = inCall();
    session.said({ type: "goodbye", reason: "replaced" });
    session.take({ type: "pressed", attempt: "a2" });
    expect(session.state.phase).toMatchObject({ type: "joining", attempt: "a2" });
    expect(session.ordered("make_offer")).toEqual([
      { type: "make_offer", peer: 2, restart: false },
    ]);
  });
});

describe("a withdrawn link", () => {
  it("says so on the page that waits, whoever tells it", () => {
    const told = atJoin();
    told.take({ type: "link_withdrawn" });
    expect(told.state.phase).toEqual({ type: "over", why: "withdrawn" });
    const looked = atJoin();
    const problem = { code: "no_such_link", retryAfterMs: 0 } as const;
    looked.take({ type: "link_refused", problem });
    expect(looked.state.phase).toEqual({ type: "over", why: "withdrawn" });
    const pressed = atJoin();
    pressed.take({ type: "pressed", attempt: "a1" });
    pressed.take({ type: "ticket_refused", ask: 1, problem });
    expect(pressed.state.phase).toEqual({ type: "over", why: "withdrawn" });
  });

  it("offers no way back after a call", () => {
    const session = inCall();
    session.take({ type: "leave_pressed" });
    session.take({ type: "link_withdrawn" });
    expect(session.state.phase).toEqual({ type: "over", why: "withdrawn" });
    expect(session.take({ type: "home_pressed" })).toEqual([]);
    expect(session.take({ type: "pressed", attempt: "a9" })).toEqual([]);
  });

  it("is left to the socket's last word in a call", () => {
    const session = inCall();
    expect(session.take({ type: "link_withdrawn" })).toEqual([]);
    expect(session.state.phase.type).toBe("call");
  });
});

describe("the end", () => {
  it("leads back to where Join is, and admits nobody", () => {
    const session = inCall();
    session.take({ type: "leave_pressed" });
    session.take({ type: "home_pressed" });
    expect(session.state.phase.type).toBe("opening");
    expect(session.ordered("ask_ticket")).toEqual([]);
    session.take({ type: "link_told", view: VIEW });
    expect(session.state.phase).toEqual({ type: "join", notice: null });
  });
});

describe("a call of a waiting area that came to nothing", () => {
  const visit = { stage: "waiting", place: 1, message: "", word: "" } as const;
  const area = { school: "Hill Road School", purpose: "", time_zone: "Europe/London", visit };

  it("leads to where they wait again", () => {
    const session = inCall();
    session.take({ type: "leave_pressed" });
    const joined = { ...area, visit: { ...visit, stage: "joined" } } as const;
    session.take({ type: "link_told", view: { ...VIEW, area: joined } });
    expect(session.state.phase).toEqual({ type: "over", why: "left" });
    expect(session.take({ type: "came_back" })).toEqual([{ type: "look_up_link" }]);
    session.take({ type: "link_told", view: { ...VIEW, area } });
    expect(session.state.phase).toEqual({ type: "join", notice: null });
  });

  it("leads to the word that it was ended with", () => {
    const session = inCall();
    session.take({ type: "leave_pressed" });
    const ended = { ...area, visit: { ...visit, stage: "ended", word: "Until Monday." } } as const;
    session.take({ type: "link_told", view: { ...VIEW, area: ended } });
    expect(session.state.phase).toEqual({ type: "join", notice: null });
  });

  it("says for as long as it is open that the call was ended for everybody", () => {
    const session = inCall();
    session.closed(4018);
    const ended = { ...area, visit: { ...visit, stage: "ended" } } as const;
    session.take({ type: "link_told", view: { ...VIEW, area: ended } });
    expect(session.state.phase).toEqual({ type: "over", why: "stopped" });
  });

  it("leads nowhere where the link is dead", () => {
    const session = inCall();
    session.take({ type: "leave_pressed" });
    session.take({ type: "link_withdrawn" });
    session.take({ type: "link_told", view: { ...VIEW, area } });
    expect(session.state.phase).toEqual({ type: "over", why: "withdrawn" });
  });
});

describe("leaving", () => {
  it("says so, and is over at once", () => {
    const session = inCall();
    session.take({ type: "leave_pressed" });
    expect(session.ordered("send")[0]?.message).toEqual({ type: "leave" });
    expect(session.state.phase).toEqual({ type: "over", why: "left" });
  });

  it("means nothing on the join page", () => {
    expect(atJoin().take({ type: "leave_pressed" })).toEqual([]);
  });
});

describe("what is sent", () => {
  const muted = { microphone: false, camera: true, screen: false };

  it("is told as it changes, and once", () => {
    const session = inCall();
    session.take({ type: "sends_changed", sends: muted });
    expect(session.ordered("send").map(({ message }) => message)).toEqual([
      { type: "sends", sends: muted },
    ]);
    expect(session.take({ type: "sends_changed", sends: muted })).toEqual([]);
  });

  it("is told again where the server dropped it", () => {
    const session = inCall();
    session.take({ type: "sends_changed", sends: muted });
    session.said({ type: "refused", code: "too_fast", detail: "" });
    expect(session.pass(1000)).toContainEqual({
      type: "send",
      socket: session.socket,
      message: { type: "sends", sends: muted },
    });
  });

  it("is told by `resume` where it changed while the socket was lost", () => {
    const session = inCall();
    session.closed(1006);
    session.take({ type: "sends_changed", sends: muted });
    session.take({ type: "socket_opened", socket: session.socket });
    expect(session.ordered("send")[0]?.message).toMatchObject({ type: "resume", sends: muted });
    session.said(rejoined());
    expect(session.ordered("send")).toEqual([]);
  });
});
