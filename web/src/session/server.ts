// What the server says, and what its closing of a socket means.

import {
  CLOSES,
  type Close,
  type Knocker,
  type Notice,
  type Person,
  type Picture,
  type RefusedCode,
  type ServerMessage,
  type Session,
} from "../wire/messages";
import { toJoinAnew, toJoinAsKnown } from "./arrive";
import { setClock, tendClock } from "./clock";
import type { Orders } from "./effect";
import { timeUp } from "./go-on";
import { goLive, ponged, redial, say } from "./line";
import { over } from "./over";
import { type Announcement, changes, screens } from "./people";
import { prepared } from "./ready";
import {
  afterJoined,
  applyAnswer,
  connectionGone,
  isHopeless,
  offerDropped,
  proved,
  restartRefused,
} from "./repair";
import type { CallPhase, State } from "./state";
import { tell } from "./tell";
import { notDone } from "./undone";

/** When to tell again what the server dropped. */
const TELL_AGAIN_MS = 1_000;

type Said<T extends ServerMessage["type"]> = Extract<ServerMessage, { type: T }>;

/** What is said before there is a session. */
const BEFORE_THE_PRESS: ReadonlySet<string> = new Set(["prepared", "pong", "goodbye"]);

/** A message came on the socket in use. */
export function said(state: State, message: ServerMessage, now: number, orders: Orders): State {
  const { line } = state;
  if (line.type !== "greeted" && line.type !== "live") {
    return state;
  }
  if (state.phase.type === "join" && !BEFORE_THE_PRESS.has(message.type)) {
    return state;
  }
  switch (message.type) {
    case "joined":
      return joined(state, message, now, orders);
    case "queued":
      return queued(state, message, now, orders);
    case "prepared":
      return prepared(state, message, now, orders);
    case "goodbye":
      return parted(state, message.reason, now, orders);
    case "refused":
      return refused(state, message.code, now, orders);
    case "knocking":
    case "countdown":
    case "people":
    case "speaking":
    case "paused":
    case "watched":
    case "clock":
    case "chat":
    case "answer":
    case "notice":
    case "pong":
      return line.type === "live" ? saidLive(state, message, now, orders) : state;
    case "unknown":
      // New messages are additions: what this version does not know it leaves alone.
      return state;
  }
}

/** It is the last word, whatever its reason; but a server that ends may begin again. */
function parted(
  state: State,
  reason: Said<"goodbye">["reason"],
  now: number,
  orders: Orders,
): State {
  if (state.phase.type === "join" && reason !== "withdrawn") {
    return redial(state, now, orders);
  }
  switch (reason) {
    case "shutdown":
      return redial(state, now, orders);
    case "time_up":
      return timeUp(state, now, orders);
    case "unknown":
      return over(state, "ended", orders);
    case "ended":
      return ended(state, orders);
    case "replaced":
    case "withdrawn":
    case "disconnected":
    case "turned_away":
    case "nobody_came":
    case "left":
      return over(state, reason, orders);
    case "stopped":
      return stopped(state, orders);
  }
}

/** The call was ended for abuse: whoever only waited has done nothing in it, and comes as before. */
function stopped(state: State, orders: Orders): State {
  return over(state, state.phase.type === "queued" ? "ended" : "stopped", orders);
}

/** The call is over; one that nobody was in yet is not there at all, and the link says what is. */
function ended(state: State, orders: Orders): State {
  if (state.phase.type !== "joining") {
    return over(state, "ended", orders);
  }
  const isBooked = (state.view?.appointments.length ?? 0) > 0;
  const notice = isBooked ? ({ type: "not_here" } as const) : null;
  return toJoinAnew({ ...state, goesOn: null }, notice, orders);
}

function saidLive(
  state: State,
  message: Said<
    | "knocking"
    | "countdown"
    | "people"
    | "speaking"
    | "paused"
    | "watched"
    | "clock"
    | "chat"
    | "answer"
    | "notice"
    | "pong"
  >,
  now: number,
  orders: Orders,
): State {
  switch (message.type) {
    case "knocking":
      return inCall(state, (call) => withKnocking(call, message.people, orders));
    case "countdown":
      return withCountdown(state, message.ends_in_ms, now, orders);
    case "people":
      return inCall(state, (call) => withPeople(call, message.people, orders));
    case "speaking":
      return inCall(state, (call) => ({ ...call, speaking: message.speaking }));
    case "notice":
      return noticed(state, message.notice, now, orders);
    case "paused":
      return inCall(state, (call) => withPaused(call, message.paused, orders));
    case "watched":
      return withWatched(state, message.layers, orders);
    case "clock":
      return tendClock(
        inCall(state, (call) => ({ ...call, clock: setClock(call.clock, message.clock, now) })),
        now,
        orders,
      );
    case "chat":
      return inCall(state, (call) => withWritten(call, message, orders));
    case "answer":
      // A new connection begins with everything shown large.
      return tell({ ...applyAnswer(state, message.answer, now, orders), shownTold: null }, orders);
    case "pong":
      return proved(ponged(state), message.n, now, orders);
  }
}

function joined(state: State, message: Said<"joined">, now: number, orders: Orders): State {
  const { session, call, you, people, answer, clock: set, powers = [] } = message;
  const needsAnswer = state.peer !== null && !state.peer.answered;
  // The answer first: media connects while the page is being drawn.
  const answered =
    needsAnswer && answer !== undefined ? applyAnswer(state, answer, now, orders) : state;
  if (state.phase.type === "joining" || state.phase.type === "queued") {
    orders.push({ type: "mark", name: "joined" });
  }
  keepSession(state, session, orders);
  const before = state.phase.type === "call" ? state.phase.clock : null;
  const clock = setClock(before, set, now);
  const entered = { held: session, call, you, powers, clock };
  const phase = enterCall(state, entered, people, orders);
  if (state.goesOn !== null) {
    orders.push({ type: "look_up_link" });
  }
  const came: State = { ...answered, phase, shownTold: null, goesOn: null };
  const live = tendClock(goLive(came, session.heartbeat_ms, now), now, orders);
  return tell(afterJoined(live, now, orders), orders);
}

/** The session is known to live: it is kept for a reload, and what was on before one is on again. */
function keepSession({ phase, sends, meeting }: State, held: Session, orders: Orders): void {
  orders.push({ type: "keep_session", held, sends, meeting });
  if (phase.type === "resuming") {
    orders.push({ type: "take_media" });
  }
}

function enterCall(
  { phase, goesOn }: State,
  entered: Pick<CallPhase, "held" | "call" | "you" | "powers" | "clock">,
  people: readonly Person[],
  orders: Orders,
): CallPhase {
  if (phase.type === "call") {
    orders.push({ type: "announce", what: { type: "reconnected" } });
    return withPeople({ ...phase, ...entered, ...ALONE }, people, orders);
  }
  const written = phase.type === "resuming" ? phase.written : [];
  orders.push({ type: "keep_written", written });
  orders.push({ type: "announce", what: { type: "you_joined", others: people.length - 1 } });
  return {
    type: "call",
    ...entered,
    people,
    speaking: [],
    screens: screens([], people),
    paused: [],
    contested: null,
    mutedBy: null,
    ...ALONE,
    cameOn: goesOn !== null,
    written,
    writing: null,
    askedAt: null,
    undone: null,
  };
}

/** Nobody knocks, and nobody is awaited: said anew after each `joined`. */
const ALONE = { knocking: [], countdown: null } as const;

function withKnocking(call: CallPhase, knocking: readonly Knocker[], orders: Orders): CallPhase {
  for (const { participant, name } of knocking) {
    if (!call.knocking.some((one) => one.participant === participant)) {
      orders.push({ type: "announce", what: { type: "knocks", name } });
    }
  }
  return { ...call, knocking };
}

/** By when a member must come, or that one has. */
function withCountdown(
  state: State,
  endsInMs: number | undefined,
  now: number,
  orders: Orders,
): State {
  const { phase } = state;
  if (phase.type !== "call" && phase.type !== "queued") {
    return state;
  }
  const countdown = endsInMs === undefined ? null : now + endsInMs;
  if ((phase.countdown === null) !== (countdown === null)) {
    const minutes = endsInMs === undefined ? null : Math.ceil(endsInMs / 60_000);
    orders.push({ type: "announce", what: { type: "countdown", minutes } });
  }
  return { ...state, phase: { ...phase, countdown } };
}

function withPeople(call: CallPhase, people: readonly Person[], orders: Orders): CallPhase {
  for (const what of changes(call.people, people, call.you)) {
    orders.push({ type: "announce", what });
  }
  return { ...call, people, screens: screens(call.screens, people) };
}

function noticed(state: State, notice: Notice, now: number, orders: Orders): State {
  const announce = (what: Announcement) => orders.push({ type: "announce", what });
  switch (notice.type) {
    case "link_contested":
      return inCall(state, (call) => ({ ...call, contested: notice.participant }));
    case "connection_gone":
      if (notice.relay !== undefined) {
        orders.push({ type: "use_relay", relay: notice.relay });
      }
      return connectionGone(state, now, orders);
    case "minute_added": {
      const name = state.phase.type === "call" ? nameOf(state.phase, notice.participant) : null;
      announce({ type: "minute_added", name });
      return state;
    }
    case "time_given_back":
      announce({ type: "time_given_back", minutes: Math.ceil(notice.by_ms / 60_000) });
      return state;
    case "muted": {
      const name = state.phase.type === "call" ? nameOf(state.phase, notice.participant) : null;
      orders.push({ type: "mute" });
      announce({ type: "muted", name: name ?? "" });
      return inCall(state, (call) => ({ ...call, mutedBy: name }));
    }
    case "unknown":
      return state;
  }
}

/** Somebody else's name. */
function nameOf({ people, you }: CallPhase, participant: number): string | null {
  const person = people.find((one) => one.participant === participant);
  return participant === you || person === undefined ? null : person.name;
}

/** No more is kept than anybody reads. */
const WRITTEN = 200;

function withWritten(call: CallPhase, said: Said<"chat">, orders: Orders): CallPhase {
  const { participant, text } = said;
  const name = call.people.find((one) => one.participant === participant)?.name ?? "";
  if (participant !== call.you) {
    orders.push({ type: "announce", what: { type: "written", name, text } });
  }
  const number = (call.written.at(-1)?.number ?? 0) + 1;
  const written = [...call.written, { number, participant, name, text }].slice(-WRITTEN);
  orders.push({ type: "keep_written", written });
  return { ...call, written, writing: participant === call.you ? null : call.writing };
}

function withPaused(call: CallPhase, paused: readonly Picture[], orders: Orders): CallPhase {
  if (paused.length > 0 !== call.paused.length > 0) {
    const type = paused.length > 0 ? "pictures_paused" : "pictures_back";
    orders.push({ type: "announce", what: { type } });
  }
  return { ...call, paused };
}

function withWatched(state: State, layers: number, orders: Orders): State {
  if (state.peer !== null) {
    orders.push({ type: "limit_layers", peer: state.peer.id, layers });
  }
  return state;
}

function queued(state: State, message: Said<"queued">, now: number, orders: Orders): State {
  const { session, call, place, active, knocks = false } = message;
  keepSession(state, session, orders);
  const before = state.phase.type === "queued" ? state.phase : null;
  if (knocks) {
    if (before?.knocks !== true) {
      orders.push({ type: "announce", what: { type: "let_in_soon" } });
    }
  } else if (before?.place !== place || before.knocks) {
    orders.push({ type: "announce", what: { type: "place", place } });
  }
  // The first message on a socket begins anew.
  const countdown = state.line.type === "live" ? (before?.countdown ?? null) : null;
  const phase = { type: "queued", held: session, call, place, active, knocks, countdown } as const;
  return goLive({ ...state, phase }, session.heartbeat_ms, now);
}

function refused(state: State, code: RefusedCode, now: number, orders: Orders): State {
  switch (code) {
    case "bad_offer":
      return badOffer(state, now, orders);
    case "too_fast":
      return {
        ...withNotDone(offerDropped(state, now), code, now),
        tellAgainAt: now + TELL_AGAIN_MS,
      };
    case "not_seated":
      return { ...withNotDone(state, code, now), told: null };
    case "not_allowed":
    case "no_room":
    case "bad_text":
      return withNotDone(state, code, now);
    case "unknown":
      // Whatever it was about is missed in time, and asked again.
      return state;
  }
}

function withNotDone(state: State, code: RefusedCode, now: number): State {
  return inCall(state, (call) => notDone(call, code, now));
}

/** In answer to a fresh connection's offer it means that this browser has nothing we can use. */
function badOffer(state: State, now: number, orders: Orders): State {
  if (state.line.type !== "greeted" && !isHopeless(state)) {
    return restartRefused(state, now, orders);
  }
  say(state, { type: "leave" }, orders);
  return over(state, "unsupported", orders);
}

/** The server, or the network, closed the socket in use. */
export function closed(state: State, code: number, now: number, orders: Orders): State {
  const known = CLOSES[code];
  // Before the press there is nothing to lose: what was made ready is made again.
  return known === undefined || state.phase.type === "join"
    ? redial(state, now, orders)
    : closedFor(state, known.close, now, orders);
}

function closedFor(state: State, close: Close, now: number, orders: Orders): State {
  switch (close) {
    case "unused":
      return state.phase.type === "joining"
        ? redial(state, now, orders)
        : toJoinAnew(state, { type: "took_too_long" }, orders);
    case "bad_ticket":
      return toJoinAnew(state, { type: "took_too_long" }, orders);
    case "no_session":
      return toJoinAnew(state, { type: "gone" }, orders);
    case "too_many_joins":
      return toJoinAnew(state, { type: "wait", why: "too_many", until: now + 10_000 }, orders);
    case "unavailable":
      return toJoinAsKnown(state, { type: "unavailable" }, orders);
    case "replaced":
    case "withdrawn":
    case "disconnected":
    case "turned_away":
    case "nobody_came":
    case "left":
      return over(state, close, orders);
    case "stopped":
      return stopped(state, orders);
    case "ended":
      return ended(state, orders);
    case "time_up":
      // It was said before: the way on was not kept, and the press is made as any other.
      return state.phase.type === "joining"
        ? redial(state, now, orders)
        : timeUp(state, now, orders);
    case "bad_message":
      return over(state, "failed", orders);
    case "too_slow":
    case "heartbeat_lost":
    case "silent":
    case "too_big":
    case "failed":
    case "shutdown":
      return redial(state, now, orders);
  }
}

function inCall(state: State, change: (call: CallPhase) => CallPhase): State {
  return state.phase.type === "call" ? { ...state, phase: change(state.phase) } : state;
}
