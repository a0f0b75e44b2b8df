// What came over the network is checked here, once; behind this it is of its type.

import {
  type Fields,
  isBoolean,
  isCount,
  isFields,
  isInstant,
  isListOf,
  isOptional,
  isString,
  isText,
  listOf,
  oneOf,
  optional,
  shaped,
} from "./check";
import type {
  Appointment,
  CallInfo,
  Contact,
  EveningView,
  FieldError,
  GoodbyeReason,
  LinkView,
  NetworkTest,
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

export const isEvening = shaped<EveningView>({
  name: isText,
  school: isText,
  date: isText,
  time_zone: isText,
  starts: isInstant,
  ends: isInstant,
  is_over: optional(isBoolean),
});

const isPhase = oneOf<Phase>({ upcoming: true, now: true, over: true });

export const isAppointment = shaped<Appointment>({
  id: isText,
  student: isText,
  subject: isText,
  teachers: listOf(isText),
  starts: isInstant,
  ends: isInstant,
  opens: isInstant,
  joinable: isBoolean,
  phase: isPhase,
});

export const isContact = shaped<Contact>({ email: isText, phone: isText });

export const isRole = oneOf<Role>({ teacher: true, parent: true, guest: true });

export const isLinkView = shaped<LinkView>({
  name: isText,
  role: isRole,
  title: isText,
  others: listOf(shaped<Other>({ name: isText, role: isRole })),
  in_use: isBoolean,
  invited_by: optional(isText),
  evening: optional(isEvening),
  appointments: listOf(isAppointment),
  contact: optional(isContact),
  seen: isText,
});

export const isRelayAccess = shaped<RelayAccess>({
  urls: listOf(isText),
  username: isText,
  credential: isText,
});

export const isTicketGranted = shaped<TicketGranted>({
  ticket: isText,
  expires_in_ms: isCount,
  relay: optional(isRelayAccess),
});

export const isNetworkTest = shaped<NetworkTest>({ relay: optional(isRelayAccess) });

const isProblemCode = oneOf<ProblemCode>({
  no_such_link: true,
  link_withdrawn: true,
  bad_request: true,
  too_many: true,
  too_many_emails: true,
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
  changed_meanwhile: true,
});

export const isProblem = shaped<Problem>({
  code: isProblemCode,
  title: isText,
  status: isCount,
  retry_after_ms: optional(isCount),
  fields: optional(listOf(shaped<FieldError>({ field: isText, code: isText, reason: isText }))),
});

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
