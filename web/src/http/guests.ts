// Guests of a call, as whoever may invite them asks. Each body carries the secret; no address does.

import type { CallGuest, CallGuests, CallInviteRequest, LinkRequest } from "../wire/messages";
import { anything, type Read } from "../wire/read";
import { readCallGuest, readCallGuests } from "../wire/readers";
import { type Answer, ask } from "./ask";
import { address, type Link } from "./links";

export class GuestsApi {
  readonly #link: Link;
  readonly #path: string;

  constructor(link: Link, meeting: string) {
    this.#link = link;
    this.#path = `${address(link)}/meetings/${encodeURIComponent(meeting)}/guests`;
  }

  list(): Promise<Answer<CallGuests>> {
    return this.#post("", readCallGuests);
  }

  invite(request: Omit<CallInviteRequest, "secret">): Promise<Answer<CallGuest>> {
    return this.#post("/invite", readCallGuest, request);
  }

  /** Writes to them again, with the same link; once for an attempt. */
  resend(guest: string, attempt: string): Promise<Answer<CallGuest>> {
    return this.#post(`/${encodeURIComponent(guest)}/resend`, readCallGuest, { attempt });
  }

  /** They are out of the call, and their link is dead. */
  remove(guest: string): Promise<Answer<unknown>> {
    return this.#post(`/${encodeURIComponent(guest)}/remove`, anything);
  }

  #post<T>(rest: string, reader: Read<T>, more: object = {}): Promise<Answer<T>> {
    const body = { secret: this.#link.secret, ...more } satisfies LinkRequest;
    return ask({ method: "POST", path: this.#path + rest, body, credentials: "omit" }, reader);
  }
}
