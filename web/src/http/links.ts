// The requests about a link. Its secret travels in a body, never in an address.

import type { Event, Refusal } from "../session/event";
import { ownZone } from "../text/times";
import { isChanges, isTeacherView } from "../wire/answers";
import type { Check } from "../wire/check";
import type {
  Changes,
  ChangesRequest,
  LinkRequest,
  NetworkTest,
  Problem,
  RelayAccess,
  TeacherView,
  TicketRequest,
} from "../wire/messages";
import { isLinkView, isNetworkTest, isTicketGranted } from "../wire/parse";
import { type Answer, ask } from "./ask";

/** A link, as the address of the page names it: `/j/<id>#<secret>`, and below it its pages. */
export type Link = { readonly id: string; readonly secret: string };

/** The link in an address, `null` where it is incomplete. */
export function linkIn({ pathname, hash }: Pick<URL, "pathname" | "hash">): Link | null {
  const id = /^\/j\/([^/]+)(?:\/|$)/.exec(pathname)?.[1];
  const secret = hash.slice(1);
  return id === undefined || secret === "" ? null : { id, secret };
}

/** Where the API speaks of a link. */
export function address(link: Link): string {
  return `/api/v1/links/${encodeURIComponent(link.id)}`;
}

/** Asks what the link is for. It changes nothing. */
export async function lookUpLink(link: Link): Promise<Event> {
  // Later e-mails say the reader's own times too (EVE-3).
  const body = { secret: link.secret, time_zone: ownZone() } satisfies LinkRequest;
  const answer = await post(address(link), body, isLinkView);
  switch (answer.type) {
    case "unreachable":
      return { type: "link_unreachable" };
    case "refused":
      return { type: "link_refused", problem: refusal(answer.problem) };
    case "given":
      return { type: "link_told", view: answer.body };
  }
}

/** Asks for a ticket: only ever upon a press. */
export async function askTicket(
  link: Link,
  { ask: number, attempt, appointment }: { ask: number; attempt: string; appointment?: string },
  granted: (relay: RelayAccess | null) => void,
): Promise<Event> {
  const named = appointment === undefined ? {} : { appointment };
  const body = { secret: link.secret, attempt, ...named } satisfies TicketRequest;
  const answer = await post(`${address(link)}/tickets`, body, isTicketGranted);
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
  return post(`${address(link)}/network`, body, isNetworkTest);
}

/** The evening of a teacher's link. */
export function askTeacher(link: Link): Promise<Answer<TeacherView>> {
  const body = { secret: link.secret } satisfies LinkRequest;
  return post(`${address(link)}/teacher`, body, isTeacherView);
}

/** Waits, at the server, until something that the link shows has changed. */
export function waitForChanges(link: Link, seen: string): Promise<Answer<Changes>> {
  const body = { secret: link.secret, seen } satisfies ChangesRequest;
  return post(`${address(link)}/changes`, body, isChanges, CHANGES_TIMEOUT_MS);
}

/** The server answers after 25 s at the latest. */
const CHANGES_TIMEOUT_MS = 35_000;

function post<T>(
  path: string,
  body: object,
  check: Check<T>,
  timeoutMs?: number,
): Promise<Answer<T>> {
  return ask({ method: "POST", path, body, credentials: "omit", timeoutMs }, check);
}

function refusal({ code, retry_after_ms }: Problem): Refusal {
  return { code, retryAfterMs: retry_after_ms ?? 0 };
}
