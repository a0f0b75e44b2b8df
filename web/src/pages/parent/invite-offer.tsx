// An invite may be given while booking (INV-5): offered below what was booked, until one is sent.

import { GoTo } from "../../parts/go-to";
import { useText } from "../../text/context";
import { isOff } from "./manage-invites";
import { useParent } from "./parent";

export function InviteOffer() {
  const text = useText();
  const { bookings, evening, invitations } = useParent().view;
  const offers =
    !isOff(evening) &&
    bookings.length > 0 &&
    invitations.sent.length === 0 &&
    invitations.left.length > 0;
  if (!offers) {
    return null;
  }
  return (
    <section class="section" aria-labelledby="invite-offer">
      <h2 id="invite-offer">{text("invite_offer_title")}</h2>
      <p>{text("invite_offer_text")}</p>
      <p>
        <GoTo to="invites/new" class="button secondary">
          {text("invite_button")}
        </GoTo>
      </p>
    </section>
  );
}
