// The two requests about a link. Its secret travels in a body, never in an address.

import type { Event, Refusal } from "../session/event";
import type { LinkRequest, TicketRequest } from "../wire/messages";
import { isLinkView, isProblem, isTicketGranted, parseJson } from "../wire/parse";

const TIMEOUT_MS = 10_000;

/** A link, as the address of the page names it: `/j/<id>#<secret>`. */
export type Link = { readonly id: string; readonly secret: string };

/** The link in an address, `null` where it is incomplete. */
export function linkIn({ pathname, hash }: Pick<URL, "pathname" | "hash">): Link | null {
  const id = /^\/j\/([^/]+)\/?$/.exec(pathname)?.[1];
  const secret = hash.slice(1);
  return id === undefined || secret === "" ? null : { id, secret };
}

/** Asks what the link is for. It changes nothing. */
export async function lookUpLink(link: Link): Promise<Event> {
  const answer = await post(address(link), { secret: link.secret } satisfies LinkRequest);
  if (answer === null) {
    return { type: "link_unreachable" };
  }
  return answer.ok && isLinkView(answer.body)
    ? { type: "link_told", view: answer.body }
    : { type: "link_refused", problem: refusal(answer) };
}

/** Asks for a ticket: only ever upon a press. */
export async function askTicket(link: Link, ask: number, attempt: string): Promise<Event> {
  const body = { secret: link.secret, attempt } satisfies TicketRequest;
  const answer = await post(`${address(link)}/tickets`, body);
  if (answer === null) {
    return { type: "ticket_unreachable", ask };
  }
  return answer.ok && isTicketGranted(answer.body)
    ? { type: "ticket_granted", ask, ticket: answer.body.ticket }
    : { type: "ticket_refused", ask, problem: refusal(answer) };
}

type Answer = { readonly ok: boolean; readonly body: unknown };

function address(link: Link): string {
  return `/api/v1/links/${encodeURIComponent(link.id)}`;
}

async function post(path: string, body: object): Promise<Answer | null> {
  try {
    const response = await fetch(path, {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/json" },
      body: JSON.stringify(body),
      cache: "no-store",
      credentials: "omit",
      referrerPolicy: "no-referrer",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    return { ok: response.ok, body: parseJson(await response.text()) };
  } catch {
    return null;
  }
}

function refusal({ body }: Answer): Refusal {
  return isProblem(body)
    ? { code: body.code, retryAfterMs: body.retry_after_ms ?? 0 }
    : { code: "unavailable", retryAfterMs: 0 };
}
