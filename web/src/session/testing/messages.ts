// Messages of a server, for tests.

import type { Person, ServerMessage, Session } from "../../wire/messages";

type Said<T extends ServerMessage["type"]> = Extract<ServerMessage, { type: T }>;

export const SESSION: Session = {
  id: "session-1",
  secret: "secret-1",
  epoch: 3,
  heartbeat_ms: 5000,
  grace_ms: 30_000,
};
const CALL = { title: "Year 5", cap: 4 };

export function person(participant: number, changed: Partial<Person> = {}): Person {
  return {
    participant,
    name: `Person ${participant}`,
    role: "parent",
    sends: { microphone: true, camera: true, screen: false },
    reconnecting: false,
    ...changed,
  };
}

export function joined(changed: Partial<Said<"joined">> = {}): Said<"joined"> {
  return {
    type: "joined",
    session: SESSION,
    call: CALL,
    you: 1,
    answer: "answer",
    people: [person(1), person(2, { slot: 0 })],
    ...changed,
  };
}

/** `joined` in answer to a `resume` without an offer. */
export function rejoined(secret = "secret-2"): Said<"joined"> {
  const { answer: _, ...rest } = joined({ session: { ...SESSION, secret } });
  return rest;
}

export function queued(place = 1): Said<"queued"> {
  return { type: "queued", session: SESSION, call: CALL, place, active: 4 };
}
