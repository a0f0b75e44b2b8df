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
import { anything, type Read } from "../wire/read";
import {
  readAutoBooked,
  readBookingView,
  readInvited,
  readParentView,
  readSlotsView,
} from "../wire/readers";
import { type Answer, ask, type Question } from "./ask";
import { address, type Link } from "./links";

type Without<T> = Omit<T, "secret">;

/** Booking for a family: the parent by their link, or the office. */
export type FamilyApi = {
  readonly slots: () => Promise<Answer<SlotsView>>;
  readonly book: (request: Omit<BookRequest, "secret">) => Promise<Answer<BookingView>>;
  readonly move: (booking: string, starts: string) => Promise<Answer<BookingView>>;
  readonly cancel: (booking: string) => Promise<Answer<unknown>>;
};

export class ParentApi implements FamilyApi {
  readonly #link: Link;

  constructor(link: Link) {
    this.#link = link;
  }

  view(): Promise<Answer<ParentView>> {
    return this.#post("parent", readParentView);
  }

  slots(): Promise<Answer<SlotsView>> {
    return this.#post("slots", readSlotsView);
  }

  book(request: Without<BookRequest>): Promise<Answer<BookingView>> {
    return this.#post("bookings", readBookingView, request);
  }

  bookAutomatically(request: Without<AutoBookRequest>): Promise<Answer<AutoBooked>> {
    return this.#post("bookings/automatic", readAutoBooked, request);
  }

  move(booking: string, starts: string): Promise<Answer<BookingView>> {
    return this.#post(`bookings/${encodeURIComponent(booking)}/move`, readBookingView, { starts });
  }

  note(booking: string, note: string): Promise<Answer<BookingView>> {
    return this.#post(`bookings/${encodeURIComponent(booking)}/note`, readBookingView, { note });
  }

  cancel(booking: string): Promise<Answer<unknown>> {
    return this.#post(`bookings/${encodeURIComponent(booking)}/cancel`, anything);
  }

  /** Has the confirmation sent again, to the address that the school has. */
  resendConfirmation(): Promise<Answer<unknown>> {
    return this.#post("confirmation", anything);
  }

  invite(request: Without<InviteRequest>): Promise<Answer<Invited>> {
    return this.#post("invitations", readInvited, request);
  }

  resend(invitation: string): Promise<Answer<unknown>> {
    return this.#post(`invitations/${encodeURIComponent(invitation)}/resend`, anything);
  }

  remove(invitation: string): Promise<Answer<unknown>> {
    return this.#post(`invitations/${encodeURIComponent(invitation)}/remove`, anything);
  }

  changeAddress(invitation: string, request: Without<AddressRequest>): Promise<Answer<Invited>> {
    return this.#post(
      `invitations/${encodeURIComponent(invitation)}/address`,
      readInvited,
      request,
    );
  }

  #post<T>(path: string, reader: Read<T>, body: object = {}): Promise<Answer<T>> {
    const question: Question = {
      method: "POST",
      path: `${address(this.#link)}/${path}`,
      body: { ...body, secret: this.#link.secret },
      credentials: "omit",
    };
    return ask(question, reader);
  }
}
