// A guest's page: what the link is for, and Join. A parent who opened it is told so first (SESS-6).

import { useSignal } from "@preact/signals";
import { useApp } from "../app";
import { useNavigation } from "../navigation";
import { AppointmentCard, nextOf } from "../parts/appointment";
import { EveningCaption, ZoneNote } from "../parts/evening-caption";
import { GoTo } from "../parts/go-to";
import { JoinNoticeNote } from "../parts/join-notice";
import { LinkPage } from "../parts/link-page";
import { MediaCheck } from "../parts/media-check";
import { Whose } from "../parts/whose";
import { type OwnLink, ownLink } from "../storage/own-link";
import { useText } from "../text/context";
import type { EveningView, LinkView } from "../wire/messages";
import { DeviceCheckPage } from "./device-check";

type Props = { readonly view: LinkView; readonly evening: EveningView };

export function GuestPages({ view, evening }: Props) {
  const path = useNavigation().path.value;
  const goesOn = useSignal(false);
  const own = ownLink(Date.now());
  if (own !== null && !goesOn.value) {
    return (
      <NotYours
        view={view}
        own={own}
        onGoOn={() => {
          goesOn.value = true;
        }}
      />
    );
  }
  return path === "check" ? <DeviceCheckPage /> : <GuestPage view={view} evening={evening} />;
}

type NotYoursProps = {
  readonly view: LinkView;
  readonly own: OwnLink;
  readonly onGoOn: () => void;
};

function NotYours({ view, own, onGoOn }: NotYoursProps) {
  const text = useText();
  const { name } = view;
  return (
    <LinkPage name="not-yours" heading={text("guest_not_yours_title", { name })}>
      <p class="lead">{text("guest_not_yours_text", { name })}</p>
      <p>
        {own.address === null
          ? text("guest_not_yours_where", { address: `${location.origin}${own.path}` })
          : text("guest_not_yours_own")}
      </p>
      <div class="actions">
        {own.address !== null && (
          <a class="button primary" href={own.address}>
            {text("guest_not_yours_back")}
          </a>
        )}
        <button type="button" class="secondary" onClick={onGoOn}>
          {text("guest_not_yours_go_on", { name })}
        </button>
      </div>
      <p class="hint">{text("guest_not_yours_warning", { name })}</p>
    </LinkPage>
  );
}

function GuestPage({ view, evening }: Props) {
  const { state } = useApp();
  const text = useText();
  const { phase } = state.value;
  const { appointments, invited_by: inviter } = view;
  const next = nextOf(appointments);
  const isNear = appointments.some(({ id, joinable }) => id === next && joinable);
  if (evening.cancelled !== undefined) {
    return (
      <LinkPage name="guest" heading={text("guest_title")}>
        <EveningCaption evening={evening} />
        <Whose view={view} />
      </LinkPage>
    );
  }
  return (
    <LinkPage name="guest" heading={text("guest_title")}>
      <EveningCaption evening={evening} />
      <div class={isNear ? "join" : "join wide"}>
        <div class="about">
          {inviter !== undefined && (
            <p class="lead">{text("guest_invited_by", { name: inviter })}</p>
          )}
          <JoinNoticeNote notice={phase.type === "join" ? phase.notice : null} />
          {view.in_use && <p class="note">{text("join_in_use")}</p>}
          <h2>{text("guest_appointments")}</h2>
          <ZoneNote evening={evening} />
          {appointments.length === 0 && <p>{text("guest_none")}</p>}
          <ul class="list">
            {appointments.map((appointment) => (
              <AppointmentCard
                key={appointment.id}
                appointment={appointment}
                zone={evening.time_zone}
                joins
                first={appointment.id === next}
              />
            ))}
          </ul>
          <p>
            <GoTo to="check">{text("bookings_check")}</GoTo>
          </p>
          <Whose view={view} />
        </div>
        {!isNear && <MediaCheck />}
      </div>
    </LinkPage>
  );
}
