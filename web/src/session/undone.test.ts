// Nothing that is written or pressed in a call is lost without a word.

import { describe, expect, it } from "vitest";
import type { Asked } from "./event";
import type { CallPhase } from "./state";
import { greeted, inCall } from "./testing/journeys";
import { joined, rejoined } from "./testing/messages";
import { SessionUnderTest } from "./testing/session-under-test";

function callOf({ state: { phase } }: SessionUnderTest): CallPhase {
  if (phase.type !== "call") {
    throw new Error(`not in the call: ${phase.type}`);
  }
  return phase;
}

const ask = (session: SessionUnderTest, message: Asked) => session.take({ type: "asked", message });
const write = (session: SessionUnderTest, text: string) => ask(session, { type: "write", text });

/** The network takes the line, and the next one is not there yet. */
const cut = (session: SessionUnderTest) => session.closed(1006);

describe("a line that is written", () => {
  it("is on its way until it comes back", () => {
    const session = inCall();
    write(session, "hello");
    expect(session.ordered("send").map(({ message }) => message)).toEqual([
      { type: "write", text: "hello" },
    ]);
    session.said({ type: "chat", participant: 2, text: "hello" });
    expect(callOf(session).writing).toEqual({ text: "hello", why: null });
    session.said({ type: "chat", participant: 1, text: "hello" });
    expect(callOf(session).writing).toBeNull();
  });

  it("is kept with the reason where the line is lost, before or after it was sent", () => {
    const session = inCall();
    write(session, "sent");
    cut(session);
    expect(callOf(session).writing).toEqual({ text: "sent", why: "offline" });
    write(session, "not sent");
    expect(session.ordered("send")).toEqual([]);
    expect(callOf(session).writing).toEqual({ text: "not sent", why: "offline" });
  });

  it.each(["too_fast", "bad_text", "not_seated"] as const)("is kept where it is %s", (code) => {
    const session = inCall();
    write(session, "hello");
    session.said({ type: "refused", code, detail: "" });
    expect(callOf(session).writing).toEqual({ text: "hello", why: code });
    write(session, "hello");
    session.said({ type: "chat", participant: 1, text: "hello" });
    expect(callOf(session).writing).toBeNull();
  });
});

/** Everything else that can be asked. */
const PRESSES: readonly Asked[] = [
  { type: "add_minute" },
  { type: "mute", participant: 2 },
  { type: "let_in", participants: [7] },
  { type: "turn_away", participants: [7] },
  { type: "disconnect", participant: 2 },
  { type: "hold", participant: 2, on_hold: true },
];

describe.each(PRESSES.map((message) => [message.type, message] as const))("%s", (_, message) => {
  it("without a line is said not to be done, until it is read or pressed again", () => {
    const session = inCall();
    cut(session);
    ask(session, message);
    expect(session.ordered("send")).toEqual([]);
    expect(callOf(session).undone).toBe("offline");
    session.take({ type: "undone_read" });
    expect(callOf(session).undone).toBeNull();
  });

  it.each(["too_fast", "not_allowed", "no_room"] as const)("refused as %s is said", (code) => {
    const session = inCall();
    ask(session, message);
    expect(callOf(session).undone).toBeNull();
    session.said({ type: "refused", code, detail: "" });
    expect(callOf(session).undone).toBe(code);
    ask(session, message);
    expect(callOf(session).undone).toBeNull();
  });
});

it("a refusal of what nobody pressed is not said", () => {
  const session = inCall();
  session.said({ type: "refused", code: "too_fast", detail: "" });
  expect(callOf(session)).toMatchObject({ undone: null, writing: null });
  ask(session, { type: "add_minute" });
  session.now += 5_000;
  session.said({ type: "refused", code: "too_fast", detail: "" });
  expect(callOf(session).undone).toBeNull();
});

it("whoever comes in by a press keeps nothing of before", () => {
  const session = greeted();
  session.said(joined());
  expect(session.ordered("keep_written")).toEqual([{ type: "keep_written", written: [] }]);
});

describe("what was written", () => {
  const LINE = { number: 1, participant: 2, name: "Person 2", text: "page 12" };

  it("is kept with each line, and is there after a reload", () => {
    const session = inCall();
    session.said({ type: "chat", participant: 2, text: "page 12" });
    expect(session.ordered("keep_written")).toEqual([{ type: "keep_written", written: [LINE] }]);
    const held = { id: "session-1", secret: "secret-1", epoch: 3 };
    const loaded = new SessionUnderTest();
    loaded.take({ type: "opened", kept: held, written: [LINE] });
    loaded.take({ type: "offer_made", peer: loaded.peer, offer: "offer" });
    loaded.take({ type: "socket_opened", socket: loaded.socket });
    loaded.said(joined());
    expect(callOf(loaded).written).toEqual([LINE]);
  });

  it("stays when the line comes back, and goes with the call", () => {
    const session = inCall();
    session.said({ type: "chat", participant: 2, text: "page 12" });
    cut(session);
    session.pass(1_000);
    session.take({ type: "socket_opened", socket: session.socket });
    session.said(rejoined());
    expect(callOf(session).written).toEqual([LINE]);
    session.take({ type: "leave_pressed" });
    expect(session.ordered("forget_session")).toHaveLength(1);
  });
});
