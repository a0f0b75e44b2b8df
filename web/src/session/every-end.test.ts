// Every end of the session, by every way in: each has a way on, devices are off, and whatever comes
// next is the same by whatever way it was reached.

import { describe, expect, it } from "vitest";
import { CLOSES, type ProblemCode, type RefusedCode } from "../wire/messages";
import { mayGoHome, mayPress, type Over } from "./state";
import { atJoin, greeted, inCall, inQueue, VIEW } from "./testing/journeys";
import { SessionUnderTest } from "./testing/session-under-test";

const HELD = { id: "session-1", secret: "secret-1", epoch: 3 };

function reloaded(): SessionUnderTest {
  const session = new SessionUnderTest();
  session.take({ type: "opened", kept: HELD, meeting: "7" });
  session.take({ type: "offer_made", peer: session.peer, offer: "offer" });
  session.take({ type: "socket_opened", socket: session.socket });
  return session;
}

/** Where a session can be when it ends. */
const WAYS_IN: readonly (readonly [name: string, way: () => SessionUnderTest])[] = [
  ["joining", greeted],
  ["queued", inQueue],
  ["in a call", inCall],
  ["after a reload", reloaded],
];

/** Links that are dead lead nowhere; their pages have the school's contact and links sent again. */
const DEAD: readonly Over[] = ["withdrawn", "evening_over", "no_such_link", "incomplete_link"];

function checkEnd(session: SessionUnderTest, what: string): void {
  const { phase } = session.state;
  switch (phase.type) {
    case "over":
      if (!DEAD.includes(phase.why)) {
        expect(mayGoHome(phase.why) || mayPress(phase.why), `${what}: ${phase.why}`).toBe(true);
        session.take({ type: "home_pressed" });
        expect(session.state.phase.type, what).toBe("opening");
        session.take({ type: "link_told", view: VIEW });
        expect(session.state.phase.type, what).toBe("join");
      }
      return;
    case "opening":
      session.take({ type: "link_told", view: VIEW });
      expect(session.state.phase.type, what).toBe("join");
      return;
    case "join":
      return;
    case "joining":
    case "resuming":
    case "queued":
    case "call":
      // It goes on by itself.
      expect(session.state.line.type, what).not.toBe("none");
  }
}

describe.each(WAYS_IN)("an end %s", (name, way) => {
  it.each(Object.keys(CLOSES).map(Number))("by close code %i leads on", (code) => {
    const session = way();
    const effects = session.closed(code);
    const types = effects.map(({ type }) => type);
    if (["over", "opening", "join"].includes(session.state.phase.type)) {
      expect(types, "camera and microphone are off").toContain("release_media");
    }
    checkEnd(session, `${name}: ${code}`);
  });

  it.each(["bad_offer", "not_seated", "too_fast", "unknown"] satisfies RefusedCode[])(
    "by %s leads on",
    (code) => {
      const session = way();
      session.said({ type: "refused", code, detail: "" });
      checkEnd(session, `${name}: ${code}`);
    },
  );

  it("by leaving leads on", () => {
    const session = way();
    session.take({ type: session.state.phase.type === "joining" ? "cancelled" : "leave_pressed" });
    checkEnd(session, name);
  });

  it("by a browser that makes no connection leads on", () => {
    const session = way();
    session.take({ type: "offer_failed", peer: session.peer });
    checkEnd(session, name);
  });
});

it("says at once that the records are away to whoever has pressed, and asks them nothing", () => {
  const session = greeted();
  const effects = session.closed(4013);
  expect(session.state.phase).toEqual({ type: "join", notice: { type: "unavailable" } });
  expect(effects.map(({ type }) => type)).not.toContain("look_up_link");
});

describe("a refusal of the press", () => {
  const CODES: readonly ProblemCode[] = [
    "no_such_link",
    "link_withdrawn",
    "evening_over",
    "bad_request",
    "too_many",
    "swapped_too_often",
    "unavailable",
    "not_found",
    "too_early",
    "rules_not_accepted",
    "call_stopped",
    "over",
    "too_large",
    "invalid",
    "unknown",
  ];
  it.each(CODES)("%s leads on", (code) => {
    const session = atJoin();
    session.take({ type: "pressed", attempt: "a1", meeting: "7" });
    session.take({
      type: "ticket_refused",
      ask: session.state.asks,
      problem: { code, retryAfterMs: 0 },
    });
    checkEnd(session, code);
  });
});
