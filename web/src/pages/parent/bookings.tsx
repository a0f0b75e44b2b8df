// "My Bookings": the appointments, and Join.

import { useSignal } from "@preact/signals";
import { useApp } from "../../app";
import { useNavigation } from "../../navigation";
import { useAct } from "../../parts/act";
import { AppointmentCard, useReadersTimes } from "../../parts/appointment";
import { EveningCaption, ZoneNote } from "../../parts/evening-caption";
import { BusyButton } from "../../parts/form";
import { GoTo } from "../../parts/go-to";
import { JoinNoticeNote } from "../../parts/join-notice";
import { LinkPage } from "../../parts/link-page";
import { useText } from "../../text/context";
import type { BookingView } from "../../wire/messages";
import { CancelDialog } from "./cancel";
import { Declined } from "./declined";
import { useParent } from "./parent";

export function MyBookingsPage() {
  const { state } = useApp();
  const text = useText();
  const { view } = useParent();
  const { phase } = state.value;
  if (view.evening.cancelled !== undefined) {
    return (
      <LinkPage name="bookings" heading={text("bookings_title")}>
        <EveningCaption evening={view.evening} />
        <p class="hint not-you">{text("join_not_you", { name: view.name })}</p>
      </LinkPage>
    );
  }
  return (
    <LinkPage name="bookings" heading={text("bookings_title")}>
      <EveningCaption evening={view.evening} />
      <p class="print-only">{text("bookings_of", { name: view.name })}</p>
      <JoinNoticeNote notice={phase.type === "join" ? phase.notice : null} />
      {state.value.view?.in_use === true && <p class="note">{text("join_in_use")}</p>}
      <div class="join">
        <div class="about">
          <Next />
          <InviteButton />
          <Declined />
          <BookButton />
          <Bookings />
          <p>
            <GoTo to="check">{text("bookings_check")}</GoTo>
          </p>
          <Again />
          <p class="hint not-you">{text("join_not_you", { name: view.name })}</p>
        </div>
      </div>
    </LinkPage>
  );
}

/** What is now or next, before everything else. */
function Next() {
  const text = useText();
  const { view } = useParent();
  const next = view.bookings.find(({ appointment }) => appointment.phase !== "over");
  return next === undefined ? null : (
    <>
      <h2>{text("bookings_next")}</h2>
      <ZoneNote evening={view.evening} />
      <ul class="list">
        <Booking booking={next} first />
      </ul>
    </>
  );
}

/** At the top of the list (INV-1). */
function InviteButton() {
  const text = useText();
  const { invitations } = useParent().view;
  const none = invitations.sent.length === 0;
  if (none && invitations.left.length === 0) {
    return null;
  }
  return (
    <p>
      <GoTo to={none ? "invites/new" : "invites"} class="button secondary">
        {text(none ? "invite_button" : "invite_manage")}
      </GoTo>
    </p>
  );
}

function BookButton() {
  const text = useText();
  const { view } = useParent();
  const times = useReadersTimes(view.evening.time_zone);
  const { booking, booking_opens: opens, booking_closes: closes, bookings } = view;
  switch (booking) {
    case "open":
      return (
        <>
          <p>
            <GoTo to="book" class={bookings.length === 0 ? "button primary" : "button secondary"}>
              {text("book_title")}
            </GoTo>
          </p>
          {closes !== undefined && (
            <p class="hint">{text("book_until", { moment: times.moment(closes) })}</p>
          )}
        </>
      );
    case "not_open":
      return (
        <p class="note">
          {opens === undefined
            ? text("book_not_open")
            : text("book_opens", { moment: times.moment(opens) })}
        </p>
      );
    case "closed":
      return <p class="hint">{text("book_closed")}</p>;
    case "cancelled":
      return null;
    case "unknown":
      return <p class="hint">{text("book_unknown")}</p>;
  }
}

function Bookings() {
  const text = useText();
  const { view } = useParent();
  const isOver = ({ appointment }: BookingView) => appointment.phase === "over";
  const [, ...later] = view.bookings.filter((booking) => !isOver(booking));
  const over = view.bookings.filter(isOver);
  const others = [...later, ...over];
  if (view.bookings.length === 0) {
    return <p>{text("bookings_none")}</p>;
  }
  return others.length === 0 ? null : (
    <>
      <h2>{text("bookings_list")}</h2>
      {over.length === view.bookings.length && <ZoneNote evening={view.evening} />}
      <ul class="list">
        {others.map((booking) => (
          <Booking key={booking.appointment.id} booking={booking} first={false} />
        ))}
      </ul>
    </>
  );
}

function Booking({ booking, first }: { readonly booking: BookingView; readonly first: boolean }) {
  const text = useText();
  const { view } = useParent();
  const cancelling = useSignal(false);
  const { appointment, note } = booking;
  const changeable = view.booking === "open" && appointment.phase === "upcoming";
  const actions = (describedBy: string) => (
    <>
      {changeable && (
        <GoTo to={`move/${encodeURIComponent(appointment.id)}`} describedBy={describedBy}>
          {text("booking_move")}
        </GoTo>
      )}
      <GoTo to={`note/${encodeURIComponent(appointment.id)}`} describedBy={describedBy}>
        {text(note === "" ? "booking_note_add" : "booking_note_change")}
      </GoTo>
      {changeable && (
        <button
          type="button"
          class="link"
          aria-describedby={describedBy}
          onClick={() => {
            cancelling.value = true;
          }}
        >
          {text("booking_cancel")}
        </button>
      )}
    </>
  );
  return (
    <AppointmentCard
      appointment={appointment}
      zone={view.evening.time_zone}
      joins
      first={first}
      {...(appointment.phase === "upcoming" ? { actions } : {})}
    >
      {note !== "" && <p class="hint">{text("booking_note", { note })}</p>}
      {cancelling.value && (
        <CancelDialog
          booking={booking}
          onClose={() => {
            cancelling.value = false;
          }}
        />
      )}
    </AppointmentCard>
  );
}

/** The confirmation once more, to the address that the school has. */
function Again() {
  const text = useText();
  const { replace } = useNavigation();
  const { api, view } = useParent();
  const act = useAct(() => api.resendConfirmation());
  if (view.bookings.length === 0) {
    return null;
  }
  return (
    <p>
      <BusyButton
        kind="secondary"
        busy={act.busy}
        onPress={() =>
          void act.run(async () => replace("", ({ text }) => text("bookings_sent_again")))
        }
      >
        {text("bookings_send_again")}
      </BusyButton>
      {act.problem !== null && <span class="problem">{act.problem}</span>}
    </p>
  );
}
