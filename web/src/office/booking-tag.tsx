// Whether parents may book.

import { useText } from "../text/context";
import type { Booking } from "../wire/messages";

export function BookingTag({ booking }: { readonly booking: Booking }) {
  const text = useText();
  return (
    <span class={booking === "open" ? "tag good" : "tag"}>{text(`booking_door_${booking}`)}</span>
  );
}
