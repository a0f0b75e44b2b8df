// What a parent asks with their link. Each body carries the secret; no address does.

import type {
  AddressRequest,
  AutoBooked,
  AutoBookRequest,
  BookingView,
  BookRequest,
  Invited,
  InviteRequest,
  ParentView,
  SlotsView,
} from "../wire/messages";
import { type Answer, ask } from "./ask";
import { address, type Link } from "./links";

type Without<T> = Omit<T, "secret">;

export class ParentApi {
  readonly #link: Link;

  constructor(link: Link) {
    this.#link = link;
  }

  view(): Promise<Answer<ParentView>> {
    return this.#post("parent");
  }

  slots(): Promise<Answer<SlotsView>> {
    return this.#post("slots");
  }

  book(request: Without<BookRequest>): Promise<Answer<BookingView>> {
    return this.#post("bookings", request);
  }

  bookAutomatically(request: Without<AutoBookRequest>): Promise<Answer<AutoBooked>> {
    return this.#post("bookings/automatic", request);
  }

  move(booking: string, starts: string): Promise<Answer<BookingView>> {
    return this.#post(`bookings/${encodeURIComponent(booking)}/move`, { starts });
  }

  note(booking: string, note: string): Promise<Answer<BookingView>> {
    return this.#post(`bookings/${encodeURIComponent(booking)}/note`, { note });
  }

  cancel(booking: string): Promise<Answer<unknown>> {
    return this.#post(`bookings/${encodeURIComponent(booking)}/cancel`);
  }

  /** Has the confirmation sent again, to the address that the school has. */
  resendConfirmation(): Promise<Answer<unknown>> {
    return this.#post("confirmation");
  }

  invite(request: Without<InviteRequest>): Promise<Answer<Invited>> {
    return this.#post("invitations", request);
  }

  resend(invitation: string): Promise<Answer<unknown>> {
    return this.#post(`invitations/${encodeURIComponent(invitation)}/resend`);
  }

  remove(invitation: string): Promise<Answer<unknown>> {
    return this.#post(`invitations/${encodeURIComponent(invitation)}/remove`);
  }

  changeAddress(invitation: string, request: Without<AddressRequest>): Promise<Answer<Invited>> {
    return this.#post(`invitations/${encodeURIComponent(invitation)}/address`, request);
  }

  #post<T>(path: string, body: object = {}): Promise<Answer<T>> {
    return ask({
      method: "POST",
      path: `${address(this.#link)}/${path}`,
      body: { ...body, secret: this.#link.secret },
      credentials: "omit",
    });
  }
}
