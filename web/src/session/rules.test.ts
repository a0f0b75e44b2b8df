// The ground rules beside Join: accepted by the press, whatever becomes of its messages (SCR-15).

import { describe, expect, it } from "vitest";
import { GROUND_RULES } from "../wire/limits";
import { atJoin, VIEW } from "./testing/journeys";
import type { SessionUnderTest } from "./testing/session-under-test";

/** Where Join stands beside ground rules. */
function besideRules(rules = GROUND_RULES): SessionUnderTest {
  const session = atJoin();
  session.take({ type: "link_told", view: { ...VIEW, rules } });
  return session;
}

function madeReady(session: SessionUnderTest): SessionUnderTest {
  session.take({ type: "get_ready", attempt: "r1" });
  expect(session.ordered("ask_ticket")).toEqual([
    { type: "ask_ticket", ask: 1, attempt: "r1", prepares: true },
  ]);
  session.take({ type: "ticket_granted", ask: 1, ticket: "t1" });
  session.take({ type: "socket_opened", socket: session.socket });
  session.said({ type: "prepared", answer: "answer", heartbeat_ms: 5000, kept_ms: 300_000 });
  session.take({ type: "peer_changed", peer: session.peer, health: "connected" });
  return session;
}

describe("ground rules beside Join", () => {
  it("are accepted by the press, in its request for a ticket, and in each that repeats it", () => {
    const session = besideRules();
    session.take({ type: "pressed", attempt: "a1" });
    const asked = { type: "ask_ticket", attempt: "a1", accepts: GROUND_RULES };
    expect(session.ordered("ask_ticket")).toMatchObject([asked]);
    session.take({ type: "ticket_unreachable", ask: session.state.asks });
    expect(session.ordered("ask_ticket")).toMatchObject([asked]);
  });

  it("are accepted by the press where all is ready, and by its retry where the socket is lost", () => {
    for (const code of [1006, 4015]) {
      const session = madeReady(besideRules());
      session.take({ type: "pressed", attempt: "a1" });
      const { sends } = session.state;
      expect(session.ordered("send")).toMatchObject([
        { message: { type: "enter", sends, accepts_rules: GROUND_RULES } },
      ]);
      session.closed(code);
      expect(session.ordered("ask_ticket")).toMatchObject([{ accepts: GROUND_RULES }]);
    }
  });

  it("are not accepted by a press beside none, nor by going on, nor by getting ready", () => {
    const session = madeReady(atJoin());
    session.take({ type: "pressed", attempt: "a1" });
    expect(session.ordered("send")[0]?.message).not.toHaveProperty("accepts_rules");
    session.closed(1006);
    expect(session.ordered("ask_ticket")[0]).not.toHaveProperty("accepts");
  });

  it("are shown where the server says that they are to be read, and Join is there again", () => {
    const session = atJoin();
    session.take({ type: "pressed", attempt: "a1" });
    const problem = { code: "rules_not_accepted", retryAfterMs: 0 } as const;
    session.take({ type: "ticket_refused", ask: session.state.asks, problem });
    expect(session.ordered("look_up_link")).toHaveLength(1);
    session.take({ type: "link_told", view: { ...VIEW, rules: GROUND_RULES } });
    expect(session.state.phase).toEqual({ type: "join", notice: { type: "rules" } });
    session.take({ type: "pressed", attempt: "a2" });
    expect(session.ordered("ask_ticket")).toMatchObject([{ accepts: GROUND_RULES }]);
  });

  it("that are newer than the page are loaded by the press, and accepted by no press before", () => {
    const session = madeReady(besideRules(GROUND_RULES + 1));
    session.take({ type: "pressed", attempt: "a1" });
    expect(session.effects).toEqual([{ type: "load_anew" }]);
    expect(session.state.phase).toEqual({ type: "join", notice: null });
  });
});
