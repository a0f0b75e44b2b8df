// What came over the network is checked here, once; behind this it is of its type.

import type {
  Appointment,
  CallInfo,
  Contact,
  EveningView,
  GoodbyeReason,
  LinkView,
  Notice,
  Other,
  Person,
  Phase,
  Picture,
  Problem,
  ProblemCode,
  RefusedCode,
  RelayAccess,
  Role,
  Sends,
  ServerMessage,
  Session,
  TicketGranted,
} from "./messages";

type Fields = Readonly<Record<string, unknown>>;
type Check<T> = (value: unknown) => value is T;

/** The message in a WebSocket frame, `null` where it is none that this page knows. */
export function parseServerMessage(data: unknown): ServerMessage | null {
  const value = typeof data === "string" ? parseJson(data) : null;
  return isServerMessage(value) ? value : null;
}

/** A body as JSON, `null` where it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

export function isLinkView(value: unknown): value is LinkView {
  return (
    isFields(value) &&
    isString(value["name"]) &&
    isRole(value["role"]) &&
    isString(value["title"]) &&
    isListOf(value["others"], isOther) &&
    isBoolean(value["in_use"]) &&
    isOptional(value["invited_by"], isString) &&
    isOptional(value["evening"], isEvening) &&
    isListOf(value["appointments"], isAppointment) &&
    isOptional(value["contact"], isContact) &&
    isString(value["seen"])
  );
}

function isEvening(value: unknown): value is EveningView {
  return (
    isFields(value) &&
    isString(value["name"]) &&
    isString(value["school"]) &&
    isString(value["date"]) &&
    isString(value["time_zone"]) &&
    isString(value["starts"]) &&
    isString(value["ends"])
  );
}

function isAppointment(value: unknown): value is Appointment {
  return (
    isFields(value) &&
    isString(value["id"]) &&
    isString(value["student"]) &&
    isString(value["subject"]) &&
    isListOf(value["teachers"], isString) &&
    isString(value["starts"]) &&
    isString(value["ends"]) &&
    isString(value["opens"]) &&
    isBoolean(value["joinable"]) &&
    isPhase(value["phase"])
  );
}

function isContact(value: unknown): value is Contact {
  return isFields(value) && isString(value["email"]) && isString(value["phone"]);
}

export function isTicketGranted(value: unknown): value is TicketGranted {
  return (
    isFields(value) &&
    isString(value["ticket"]) &&
    isCount(value["expires_in_ms"]) &&
    isOptional(value["relay"], isRelayAccess)
  );
}

export function isRelayAccess(value: unknown): value is RelayAccess {
  return (
    isFields(value) &&
    isListOf(value["urls"], isString) &&
    isString(value["username"]) &&
    isString(value["credential"])
  );
}

export function isProblem(value: unknown): value is Problem {
  return (
    isFields(value) &&
    isProblemCode(value["code"]) &&
    isString(value["title"]) &&
    isCount(value["status"]) &&
    isOptional(value["retry_after_ms"], isCount)
  );
}

const isProblemCode = oneOf<ProblemCode>({
  no_such_link: true,
  bad_request: true,
  too_many: true,
  swapped_too_often: true,
  unavailable: true,
  not_found: true,
  not_signed_in: true,
  wrong_password: true,
  bad_csrf: true,
  too_large: true,
  invalid: true,
  too_early: true,
  over: true,
  slot_taken: true,
  parent_busy: true,
  already_booked: true,
  booking_not_open: true,
  booking_closed: true,
  no_such_slot: true,
  slot_over: true,
  evening_over: true,
  invitation_removed: true,
  consent_missing: true,
  wording_outdated: true,
  already_invited: true,
  too_many_teachers: true,
  has_appointments: true,
  takes_classes: true,
  needs_approval: true,
  times_are_booked: true,
  set_up_done: true,
  email_taken: true,
  unreadable_file: true,
  court_order_stands: true,
});
const isPhase = oneOf<Phase>({ upcoming: true, now: true, over: true });
const isRole = oneOf<Role>({ teacher: true, parent: true, guest: true });
const isGoodbye = oneOf<GoodbyeReason>({
  replaced: true,
  withdrawn: true,
  disconnected: true,
  left: true,
  ended: true,
  shutdown: true,
});
const isRefusedCode = oneOf<RefusedCode>({ bad_offer: true, not_seated: true, too_fast: true });

const CHECKS: Readonly<Record<ServerMessage["type"], (fields: Fields) => boolean>> = {
  joined: (m) =>
    isSession(m["session"]) &&
    isCall(m["call"]) &&
    isCount(m["you"]) &&
    isOptional(m["answer"], isString) &&
    isListOf(m["people"], isPerson),
  queued: (m) =>
    isSession(m["session"]) && isCall(m["call"]) && isCount(m["place"]) && isCount(m["active"]),
  people: (m) => isListOf(m["people"], isPerson),
  speaking: (m) => isListOf(m["speaking"], isCount),
  paused: (m) => isListOf(m["paused"], isPicture),
  watched: (m) => isCount(m["layers"]),
  answer: (m) => isString(m["answer"]),
  notice: (m) => isNotice(m["notice"]),
  refused: (m) => isRefusedCode(m["code"]) && isString(m["detail"]),
  pong: (m) => isCount(m["n"]),
  goodbye: (m) => isGoodbye(m["reason"]),
};

function isServerMessage(value: unknown): value is ServerMessage {
  if (!isFields(value) || !isString(value["type"]) || !Object.hasOwn(CHECKS, value["type"])) {
    return false;
  }
  return CHECKS[value["type"] as ServerMessage["type"]](value);
}

function isPicture(value: unknown): value is Picture {
  return (
    isFields(value) &&
    isCount(value["slot"]) &&
    (value["kind"] === "camera" || value["kind"] === "screen")
  );
}

function isSession(value: unknown): value is Session {
  return (
    isFields(value) &&
    isString(value["id"]) &&
    isString(value["secret"]) &&
    isCount(value["epoch"]) &&
    isCount(value["heartbeat_ms"]) &&
    isCount(value["grace_ms"])
  );
}

function isCall(value: unknown): value is CallInfo {
  return isFields(value) && isString(value["title"]) && isCount(value["cap"]);
}

function isPerson(value: unknown): value is Person {
  return (
    isFields(value) &&
    isCount(value["participant"]) &&
    isString(value["name"]) &&
    isRole(value["role"]) &&
    isOptional(value["slot"], isCount) &&
    isSends(value["sends"]) &&
    isBoolean(value["reconnecting"])
  );
}

function isSends(value: unknown): value is Sends {
  return (
    isFields(value) &&
    isBoolean(value["microphone"]) &&
    isBoolean(value["camera"]) &&
    isBoolean(value["screen"])
  );
}

function isNotice(value: unknown): value is Notice {
  return isFields(value) && value["type"] === "link_contested" && isCount(value["participant"]);
}

function isOther(value: unknown): value is Other {
  return isFields(value) && isString(value["name"]) && isRole(value["role"]);
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isString(value: unknown): value is string {
  return typeof value === "string";
}

function isBoolean(value: unknown): value is boolean {
  return typeof value === "boolean";
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value) && value >= 0;
}

function isListOf<T>(value: unknown, check: Check<T>): value is T[] {
  return Array.isArray(value) && value.every(check);
}

function isOptional<T>(value: unknown, check: Check<T>): value is T | undefined {
  return value === undefined || check(value);
}

/** Names every member, so that a new one in the protocol does not compile until it is here. */
function oneOf<T extends string>(members: Readonly<Record<T, true>>): Check<T> {
  return (value): value is T => isString(value) && Object.hasOwn(members, value);
}
