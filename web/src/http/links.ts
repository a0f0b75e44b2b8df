// The requests about a link. Its secret travels in a body, never in an address.

import type { Event, Refusal } from "../session/event";
import type {
  Changes,
  ChangesRequest,
  HereRequest,
  LeaveRequest,
  LinkRequest,
  LostLinkRequest,
  NetworkTest,
  NoteRequest,
  Problem,
  RelayAccess,
  TeacherView,
  TicketRequest,
} from "../wire/messages";
import { anything, type Read } from "../wire/read";
import {
  readChanges,
  readLinkView,
  readNetworkTest,
  readTeacherView,
  readTicketGranted,
} from "../wire/readers";
import { type Answer, ask } from "./ask";

/** A link, as the address of the page names it: `/j/<id>#<secret>`, and below it its pages. */
export type Link = { readonly id: string; readonly secret: string };

/** The parts of a link as they are written: 40 and 128 bits in letters and digits. */
export const SECRET_LENGTH = 26;

/**
 * The link in an address, `null` where it is incomplete. Mail programs rewrite links (LINK-4): `#` as
 * `%23` or `%2523`, capital letters, a full stop or a bracket behind them, marks that nobody sees.
 */
export function linkIn({ pathname, hash }: Pick<URL, "pathname" | "hash">): Link | null {
  const [, id = "", secret = ""] =
    /^\/*j\/+([^/#]*)[^#]*#(.*)$/is.exec(plain(pathname + hash)) ?? [];
  const link = { id: word(id), secret: words(secret) };
  return link.id === "" || link.secret === "" ? null : link;
}

/** The link that somebody typed or pasted, with or without what stands before it. */
export function linkTyped(typed: string): Link | null {
  const text = plain(typed).trim();
  const from = text.search(/\bj\//i);
  const parts = from < 0 ? `j/${text}` : text.slice(from);
  // From a letter the two parts may be typed with a space between them.
  const pathname = parts.includes("#") ? parts : parts.replace(/\s+/, "#");
  return linkIn({ pathname, hash: "" });
}

/** The code of a letter that invites to register, as somebody typed it, or the link that is in its QR code. */
export function codeTyped(typed: string): string | null {
  const [, code = ""] =
    /^(?:.*\bregister\/*#)?([0-9a-z\s-]+)\W*$/is.exec(plain(typed).trim()) ?? [];
  const secret = code.replace(/[\s-]/g, "").toLowerCase();
  return secret.length === SECRET_LENGTH ? secret : null;
}

/** The address of a link's page, as it is to be. */
export function pathOf({ id, secret }: Link, page = ""): string {
  return `/j/${id}${page === "" ? "" : `/${page}`}#${secret}`;
}

/** The secret behind the `#` of an address that is no link's, rewritten or not. */
export function secretIn({ pathname, hash }: Pick<URL, "pathname" | "hash">): string {
  const text = plain(pathname + hash);
  const from = text.indexOf("#");
  return from < 0 ? "" : word(text.slice(from + 1));
}

/** How often an address may have been encoded on its way. */
const ENCODED_AT_MOST = 5;

/** Without any encoding, nor anything that nobody sees. */
function plain(text: string): string {
  // As an e-mail of HTML writes it, and one whose lines were put together wrongly.
  let now = text
    .replace(/&(?:amp;)?(?:num|#35|#x23);/gi, "#")
    .replace(/(\bj\/+[0-9a-z-]+)=23/i, "$1#");
  for (let times = 0; times < ENCODED_AT_MOST && /%[0-9a-f]{2}/i.test(now); times += 1) {
    now = decoded(now);
  }
  return now
    .replace(/[\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g, "")
    .replace(/[\u2010-\u2015\u2212]/g, "-")
    .replace(/\uff03/g, "#");
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // Encoded in part: what can be read of it.
    return text.replace(/%([0-7][0-9a-f])/gi, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
  }
}

/** A secret that a narrow e-mail has broken over several lines is put together again. */
function words(text: string): string {
  const [first = "", ...rest] = text.trim().split(/\s+/);
  let secret = word(first);
  for (const part of rest) {
    if (secret.replaceAll("-", "").length >= SECRET_LENGTH || !/^[0-9a-z-]+$/i.test(part)) {
      break;
    }
    secret += part.toLowerCase();
  }
  return secret.replaceAll("-", "").length === SECRET_LENGTH ? secret : word(first);
}

/** The first run of letters, digits and hyphens; capitals make no difference. */
function word(text: string): string {
  return (/[0-9a-z-]+/i.exec(text)?.[0] ?? "").replace(/^-+|-+$/g, "").toLowerCase();
}

/** Where the API speaks of a link. */
export function address(link: Link): string {
  return `/api/v1/links/${encodeURIComponent(link.id)}`;
}

/** How a person reads: times in which zone, and words in which language. */
export type Reader = Pick<LinkRequest, "time_zone" | "language">;

/**
 * Asks what the link is for. It changes nothing, but where it goes along how the reader reads: later
 * e-mails say their own times too then (EVE-3), and other devices are in their language (SCR-9).
 */
export async function lookUpLink(link: Link, reader: Reader = {}): Promise<Event> {
  const body = { secret: link.secret, ...reader } satisfies LinkRequest;
  const answer = await post(address(link), body, readLinkView);
  switch (answer.type) {
    case "unreachable":
      return { type: "link_unreachable" };
    case "refused":
      return { type: "link_refused", problem: refusal(answer.problem) };
    case "given":
      return { type: "link_told", view: answer.body };
  }
}

/** What a ticket is asked for. */
export type TicketWish = {
  readonly ask: number;
  readonly attempt: string;
  readonly meeting?: string;
  readonly accepts?: number;
  readonly prepares?: true;
};

/** Asks for a ticket: upon a press, or, where it `prepares`, for one to come. */
export async function askTicket(
  link: Link,
  { ask: number, attempt, meeting, accepts, prepares }: TicketWish,
  granted: (relay: RelayAccess | null) => void,
): Promise<Event> {
  const body = {
    secret: link.secret,
    attempt,
    ...(meeting === undefined ? {} : { meeting }),
    ...(accepts === undefined ? {} : { accepts_rules: accepts }),
    ...(prepares === undefined ? {} : { prepares }),
  } satisfies TicketRequest;
  const answer = await post(`${address(link)}/tickets`, body, readTicketGranted);
  switch (answer.type) {
    case "unreachable":
      return { type: "ticket_unreachable", ask: number };
    case "refused":
      return { type: "ticket_refused", ask: number, problem: refusal(answer.problem) };
    case "given":
      granted(answer.body.relay ?? null);
      return { type: "ticket_granted", ask: number, ticket: answer.body.ticket };
  }
}

/** Asks for what the way to the media server can be tried with. It changes nothing. */
export function askNetworkTest(link: Link): Promise<Answer<NetworkTest>> {
  const body = { secret: link.secret } satisfies LinkRequest;
  return post(`${address(link)}/network`, body, readNetworkTest);
}

/** Has the links of that address sent to it again, where there are any; nobody is told which. */
export function askLostLink(email: string): Promise<Answer<unknown>> {
  const body = { email } satisfies LostLinkRequest;
  return post("/api/v1/lost-link", body, anything);
}

/** A caller of a waiting area gives their place up, and may leave words. */
export function leaveArea(link: Link, words?: string): Promise<Answer<unknown>> {
  const left = words === undefined ? {} : { words };
  const body = { secret: link.secret, ...left } satisfies LeaveRequest;
  return post(`${address(link)}/leave`, body, anything);
}

/** The evening of a teacher's link. */
export function askTeacher(link: Link): Promise<Answer<TeacherView>> {
  const body = { secret: link.secret } satisfies LinkRequest;
  return post(`${address(link)}/teacher`, body, readTeacherView);
}

/** Somebody who waits for an appointment says that they are here, or takes it back. */
export function sayHere(link: Link, meeting: string, here: boolean): Promise<Answer<unknown>> {
  const body = { secret: link.secret, meeting, here } satisfies HereRequest;
  return post(`${address(link)}/here`, body, anything);
}

/**
 * A teacher's line beside an appointment, for those who take it, where it reads as `before` still; empty
 * takes it away.
 */
export function noteForTeachers(
  link: Link,
  booking: string,
  note: string,
  before: string,
): Promise<Answer<unknown>> {
  const body = { secret: link.secret, note, before } satisfies NoteRequest;
  return post(`${address(link)}/teacher/${encodeURIComponent(booking)}/note`, body, anything);
}

/** Waits, at the server, until something that the link shows has changed. */
export function waitForChanges(
  link: Link,
  seen: string,
  until: AbortSignal,
): Promise<Answer<Changes>> {
  const body = { secret: link.secret, seen } satisfies ChangesRequest;
  return post(`${address(link)}/changes`, body, readChanges, CHANGES_TIMEOUT_MS, until);
}

/** The server answers after 25 s at the latest. */
export const CHANGES_TIMEOUT_MS = 35_000;

function post<T>(
  path: string,
  body: object,
  reader: Read<T>,
  timeoutMs?: number,
  until?: AbortSignal,
): Promise<Answer<T>> {
  return ask({ method: "POST", path, body, credentials: "omit", timeoutMs, until }, reader);
}

function refusal({ code, retry_after_ms }: Problem): Refusal {
  return { code, retryAfterMs: retry_after_ms ?? 0 };
}
