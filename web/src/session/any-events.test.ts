// Random events, the likely and the absurd. What must always hold is checked after each of them by
// `SessionUnderTest`: one socket at a time, one greeting a socket, a ticket used once, one offer a
// connection, and nothing but a press out of the end.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Appointment, CLOSES, type ServerMessage } from "../wire/messages";
import type { Event } from "./event";
import { socketOf } from "./line";
import { nextWake } from "./step";
import { VIEW } from "./testing/journeys";
import { joined, person, queued, rejoined } from "./testing/messages";
import { SessionUnderTest } from "./testing/session-under-test";

const RUNS = 2000;
const LENGTH = 60;
/** On a machine that has other work to do. */
const TIMEOUT_MS = 120_000;

const NEXT: Appointment = {
  id: "1",
  meeting: "1",
  student: "Ana",
  subject: "Maths",
  teachers: ["Ms Okafor"],
  starts: "2026-11-19T16:00:00Z",
  ends: "2026-11-19T16:10:00Z",
  opens: "2026-11-19T15:45:00Z",
  joinable: true,
  phase: "upcoming",
};

const HELD = { id: "s", secret: "x", epoch: 1 };
const bool = fc.boolean();
const sends = fc.record({ microphone: bool, camera: bool, screen: bool });

const message: fc.Arbitrary<ServerMessage> = fc.oneof(
  { weight: 4, arbitrary: fc.constant(joined()) },
  { weight: 4, arbitrary: fc.constant(rejoined()) },
  { weight: 3, arbitrary: fc.integer({ min: 1, max: 3 }).map(queued) },
  fc.constant<ServerMessage>({ type: "people", people: [person(1), person(4, { slot: 2 })] }),
  fc.constantFrom(true, false).map((on_hold) => ({
    type: "people" as const,
    people: [person(1, { on_hold }), person(2, { slot: 0 })],
  })),
  fc.constant<ServerMessage>({ ...queued(), knocks: true }),
  fc.constantFrom<ServerMessage>(
    { type: "countdown", ends_in_ms: 600_000 },
    { type: "countdown" },
    { type: "knocking", people: [{ participant: 7, name: "Ann" }] },
    { type: "knocking", people: [] },
  ),
  fc.constant<ServerMessage>({ type: "speaking", speaking: [1, 4] }),
  { weight: 2, arbitrary: fc.constant({ type: "answer" as const, answer: "answer" }) },
  fc.constantFrom(500, 30_000, 90_000).map((ends_in_ms) => ({
    type: "clock" as const,
    clock: { begins_in_ms: 0, ends_in_ms, may_be_longer: true },
  })),
  fc.constant({ type: "chat" as const, participant: 2, text: "hello" }),
  fc.constant({ type: "notice" as const, notice: { type: "muted" as const, participant: 2 } }),
  fc.constant({
    type: "notice" as const,
    notice: { type: "link_contested" as const, participant: 1 },
  }),
  fc.constant({ type: "notice" as const, notice: { type: "connection_gone" as const } }),
  fc
    .constantFrom("bad_offer" as const, "not_seated" as const, "too_fast" as const)
    .map((code) => ({ type: "refused" as const, code, detail: "" })),
  { weight: 3, arbitrary: fc.nat(9).map((n) => ({ type: "pong" as const, n })) },
  {
    weight: 3,
    arbitrary: fc.constant({
      type: "prepared" as const,
      answer: "answer",
      heartbeat_ms: 5000,
      kept_ms: 300_000,
    }),
  },
  fc
    .constantFrom(
      "replaced" as const,
      "withdrawn" as const,
      "disconnected" as const,
      "turned_away" as const,
      "nobody_came" as const,
      "stopped" as const,
      "left" as const,
      "ended" as const,
      "time_up" as const,
      "shutdown" as const,
    )
    .map((reason) => ({ type: "goodbye" as const, reason })),
);

const health = fc.constantFrom(
  "new" as const,
  "connecting" as const,
  "connected" as const,
  "disconnected" as const,
  "failed" as const,
);

const problem = fc.record({
  code: fc.constantFrom(
    "no_such_link" as const,
    "link_withdrawn" as const,
    "evening_over" as const,
    "bad_request" as const,
    "too_many" as const,
    "swapped_too_often" as const,
    "unavailable" as const,
    "too_early" as const,
    "rules_not_accepted" as const,
    "call_stopped" as const,
    "invalid" as const,
  ),
  retryAfterMs: fc.constantFrom(0, 500, 20_000),
});

const code = fc.oneof(
  { weight: 3, arbitrary: fc.constant(1006) },
  fc.constantFrom(...Object.keys(CLOSES).map(Number)),
);

/** An event that names a number names the one in use, or, `late`, the one before it. */
type Make = (session: SessionUnderTest) => Event;
const made = <T>(arbitrary: fc.Arbitrary<T>, make: (value: T) => Make): fc.Arbitrary<Make> =>
  arbitrary.map(make);
const late = fc.constantFrom(0, 0, 0, 0, 1);
const socket = (session: SessionUnderTest) => socketOf(session.state.line) ?? session.state.sockets;

let tickets = 0;
const event: fc.Arbitrary<Make> = fc.oneof(
  made(fc.tuple(fc.boolean(), fc.constantFrom({}, { rules: 1 }, { rules: 2 })), (told) => () => ({
    type: "link_told",
    view: { ...VIEW, ...told[1], appointments: [{ ...NEXT, joinable: told[0] }] },
  })),
  made(fc.uuid(), (attempt) => () => ({ type: "goes_on", attempt, meeting: NEXT.meeting })),
  {
    weight: 3,
    arbitrary: made(fc.uuid(), (attempt) => () => ({
      type: "way_on_asked",
      attempt,
      meeting: NEXT.meeting,
    })),
  },
  made(problem, (value) => () => ({ type: "link_refused", problem: value })),
  made(fc.constant(0), () => () => ({ type: "link_unreachable" })),
  { weight: 4, arbitrary: made(fc.uuid(), (attempt) => () => ({ type: "pressed", attempt })) },
  { weight: 3, arbitrary: made(fc.uuid(), (attempt) => () => ({ type: "get_ready", attempt })) },
  made(
    fc.constantFrom(
      "cancelled",
      "home_pressed",
      "leave_pressed",
      "link_withdrawn",
      "evening_over",
      "notice_dismissed",
      "stay_pressed",
      "came_on_read",
      "went_online",
      "unlooked",
      "came_back",
    ),
    (type) => () => ({ type }) as Event,
  ),
  {
    weight: 6,
    arbitrary: made(late, (back) => ({ state }) => {
      tickets += 1;
      return { type: "ticket_granted", ask: state.asks - back, ticket: `t${tickets}` };
    }),
  },
  made(fc.tuple(late, problem), ([back, value]) => ({ state }) => ({
    type: "ticket_refused",
    ask: state.asks - back,
    problem: value,
  })),
  made(late, (back) => ({ state }) => ({ type: "ticket_unreachable", ask: state.asks - back })),
  {
    weight: 8,
    arbitrary: made(late, (back) => (s) => ({ type: "socket_opened", socket: socket(s) - back })),
  },
  {
    weight: 16,
    arbitrary: made(fc.tuple(late, message), ([back, value]) => (s) => ({
      type: "socket_said",
      socket: socket(s) - back,
      message: value,
    })),
  },
  {
    weight: 3,
    arbitrary: made(fc.tuple(late, code), ([back, value]) => (s) => ({
      type: "socket_closed",
      socket: socket(s) - back,
      code: value,
    })),
  },
  {
    weight: 6,
    arbitrary: made(late, (back) => ({ state }) => ({
      type: "offer_made",
      peer: state.peers - back,
      offer: "offer",
    })),
  },
  made(late, (back) => ({ state }) => ({ type: "offer_failed", peer: state.peers - back - 1 })),
  {
    weight: 5,
    arbitrary: made(fc.tuple(late, health), ([back, value]) => ({ state }) => ({
      type: "peer_changed",
      peer: state.peers - back,
      health: value,
    })),
  },
  { weight: 2, arbitrary: made(sends, (value) => () => ({ type: "sends_changed", sends: value })) },
);

const moment: fc.Arbitrary<(session: SessionUnderTest) => void> = fc.oneof(
  {
    weight: 5,
    arbitrary: event.map((make) => (session: SessionUnderTest) => void session.take(make(session))),
  },
  {
    weight: 1,
    arbitrary: fc
      .constantFrom(1, 300, 2500, 11_000)
      .map((ms) => (session: SessionUnderTest) => void session.pass(ms)),
  },
);

const moments = fc.array(moment, { minLength: LENGTH, maxLength: LENGTH });
const settings = { numRuns: RUNS, seed: 20_261_122 };

describe("whatever happens", { timeout: TIMEOUT_MS }, () => {
  it("the rules hold", () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(bool, moments, (reloaded, events) => {
        const session = new SessionUnderTest();
        session.take({ type: "opened", kept: reloaded ? HELD : null });
        for (const happen of events) {
          happen(session);
          seen.add(session.state.phase.type);
        }
      }),
      settings,
    );
    // The walk is worth nothing where it does not come everywhere.
    expect([...seen].sort()).toEqual([
      "call",
      "join",
      "joining",
      "opening",
      "over",
      "queued",
      "resuming",
    ]);
  });

  it("an evicted session orders nothing and never wakes, until a press", () => {
    fc.assert(
      fc.property(moments, (events) => {
        const session = new SessionUnderTest();
        session.take({ type: "opened", kept: HELD });
        session.take({ type: "offer_made", peer: 1, offer: "offer" });
        session.take({ type: "socket_opened", socket: 1 });
        session.said(joined());
        session.said({ type: "goodbye", reason: "replaced" });
        for (const happen of events) {
          happen(session);
          if (session.state.phase.type !== "over") {
            expect(["joining", "opening"]).toContain(session.state.phase.type);
            return;
          }
          expect(session.sockets.size).toBe(0);
          expect(nextWake(session.state)).toBe(null);
        }
      }),
      settings,
    );
  });
});
