// Generated from crates/wire by `scripts/generate`. Do not edit.

export type ClientMessage = { "type": "join", 
/**
 * The single-use ticket from `POST /api/v1/links/{id}/tickets`.
 */
ticket: string, 
/**
 * The one SDP offer of this connection, in the layout PROTOCOL.md describes.
 */
offer: string, 
/**
 * What the person sends from the start.
 */
sends: Sends, } | { "type": "resume", 
/**
 * The session to continue.
 */
session: string, 
/**
 * Its resume secret, from `joined` or `queued`.
 */
secret: string, 
/**
 * Its epoch, from the same message. A lower one than the server's is answered `replaced`.
 */
epoch: number, 
/**
 * A new offer where the peer connection is new (a reload); absent where the old peer
 * connection still lives and only the socket is new.
 */
offer?: string, 
/**
 * What the person sends now.
 */
sends: Sends, } | { "type": "offer", 
/**
 * The SDP offer.
 */
offer: string, } | { "type": "sends", 
/**
 * Microphone, camera and screen.
 */
sends: Sends, } | { "type": "leave", } | { "type": "ping", 
/**
 * Returned unchanged.
 */
n: number, };

export type ServerMessage = { "type": "joined", 
/**
 * What the browser needs to come back.
 */
session: Session, 
/**
 * The call.
 */
call: CallInfo, 
/**
 * The participant number of the reader in `people`.
 */
you: number, 
/**
 * The SDP answer to the offer last sent; absent after a `resume` without an offer.
 */
answer?: string, 
/**
 * Everybody who holds a seat, the reader included.
 */
people: Array<Person>, } | { "type": "queued", 
/**
 * What the browser needs to come back.
 */
session: Session, 
/**
 * The call.
 */
call: CallInfo, 
/**
 * Place in the queue; 1 is next.
 */
place: number, 
/**
 * How many hold a seat now.
 */
active: number, } | { "type": "people", 
/**
 * Everybody who holds a seat, the reader included.
 */
people: Array<Person>, } | { "type": "speaking", 
/**
 * Participant numbers.
 */
speaking: Array<number>, } | { "type": "answer", 
/**
 * The SDP answer.
 */
answer: string, } | { "type": "notice", 
/**
 * What it is about.
 */
notice: Notice, } | { "type": "refused", 
/**
 * Stable code.
 */
code: RefusedCode, 
/**
 * A sentence for a developer's console.
 */
detail: string, } | { "type": "pong", 
/**
 * As sent.
 */
n: number, } | { "type": "goodbye", 
/**
 * Why.
 */
reason: GoodbyeReason, };

export type Session = { 
/**
 * The session's id.
 */
id: string, 
/**
 * The resume secret. It changes with every `resume`; the one before works until the first
 * message that follows on the new socket, then never again.
 */
secret: string, 
/**
 * The link's epoch that this session holds.
 */
epoch: number, 
/**
 * How often to send `ping`, milliseconds. A socket silent for two and a half times as long is
 * closed with `heartbeat_lost`.
 */
heartbeat_ms: number, 
/**
 * How long a lost socket keeps its seat or place, milliseconds.
 */
grace_ms: number, };

export type CallInfo = { 
/**
 * What to call it on the page.
 */
title: string, 
/**
 * The most people it seats.
 */
cap: number, };

export type Person = { 
/**
 * The participant number: the same person keeps it for the whole call, over every session.
 */
participant: number, 
/**
 * The name others see.
 */
name: string, 
/**
 * The role others see.
 */
role: Role, 
/**
 * The slot, 0 to 2, in which the reader receives this person; absent for the reader.
 */
slot?: number, 
/**
 * What they send.
 */
sends: Sends, 
/**
 * Whether their socket is lost and their seat kept.
 */
reconnecting: boolean, };

export type Sends = { 
/**
 * The microphone is open.
 */
microphone: boolean, 
/**
 * The camera is on.
 */
camera: boolean, 
/**
 * A screen is shared.
 */
screen: boolean, };

export type Role = "teacher" | "parent" | "guest";

export type Notice = { "type": "link_contested", 
/**
 * Whose link.
 */
participant: number, };

export type RefusedCode = "bad_offer" | "not_seated" | "too_fast";

export type GoodbyeReason = "replaced" | "withdrawn" | "disconnected" | "left" | "ended" | "shutdown";

export type Close = "bad_message" | "bad_ticket" | "no_session" | "replaced" | "withdrawn" | "disconnected" | "left" | "ended" | "shutdown" | "too_slow" | "heartbeat_lost" | "silent" | "too_many_joins" | "too_big" | "failed";

export type ComeBack = "never" | "resume" | "press";

export type LinkRequest = { 
/**
 * The secret from the URL's fragment.
 */
secret: string, };

export type LinkView = { 
/**
 * Whose link it is.
 */
name: string, 
/**
 * Their role.
 */
role: Role, 
/**
 * The call it admits to.
 */
title: string, 
/**
 * Who else may be there, by name and role.
 */
others: Array<Other>, 
/**
 * Whether a session of this link is live now, so that Join would end it.
 */
in_use: boolean, };

export type Other = { 
/**
 * Their name.
 */
name: string, 
/**
 * Their role.
 */
role: Role, };

export type TicketRequest = { 
/**
 * The secret from the URL's fragment.
 */
secret: string, 
/**
 * 128 random bits, 32 lowercase hexadecimal digits, chosen by the page for this press. A
 * retry carries the same one and reaches the same session.
 */
attempt: string, };

export type TicketGranted = { 
/**
 * Single use.
 */
ticket: string, 
/**
 * How long it may be used, milliseconds.
 */
expires_in_ms: number, };

export type Problem = { 
/**
 * Stable code.
 */
code: ProblemCode, 
/**
 * A sentence a person understands.
 */
title: string, 
/**
 * The HTTP status.
 */
status: number, 
/**
 * When to try again, milliseconds; for `too_many` and `swapped_too_often`.
 */
retry_after_ms?: number, };

export type ProblemCode = "no_such_link" | "bad_request" | "too_many" | "swapped_too_often" | "unavailable";

/** Close codes, and what a client may do after each. */
export const CLOSES: Readonly<Record<number, { close: Close; comeBack: ComeBack }>> = {
  4000: { close: "bad_message", comeBack: "never" },
  4001: { close: "bad_ticket", comeBack: "press" },
  4002: { close: "no_session", comeBack: "press" },
  4003: { close: "replaced", comeBack: "never" },
  4004: { close: "withdrawn", comeBack: "never" },
  4005: { close: "disconnected", comeBack: "press" },
  4006: { close: "left", comeBack: "never" },
  4007: { close: "ended", comeBack: "never" },
  4008: { close: "shutdown", comeBack: "press" },
  4009: { close: "too_slow", comeBack: "resume" },
  4010: { close: "heartbeat_lost", comeBack: "resume" },
  4011: { close: "silent", comeBack: "resume" },
  4012: { close: "too_many_joins", comeBack: "press" },
  1009: { close: "too_big", comeBack: "resume" },
  1011: { close: "failed", comeBack: "resume" },
};

export const SUBPROTOCOL = "homeroom.v1";
export const SOCKET_PATH = "/api/v1/socket";
