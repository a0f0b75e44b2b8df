// The start page of the staff: their meeting rooms, and their waiting areas with who waits there
// (ROOM-1, ROOM-7, WAIT-1).

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { watch } from "../http/watch";
import { Asking } from "../office/asking";
import { useOffice } from "../office/office";
import { Search } from "../office/search";
import { SecondFactorSection } from "../office/second-factor";
import { SignInAgain, SignInPage } from "../office/sign-in";
import { HatSection } from "../parts/hat";
import { Page } from "../parts/page";
import { Loaded, type Resource, useResource } from "../parts/resource";
import { useLanguage, useText } from "../text/context";
import type { TextKey } from "../text/text";
import { timesIn } from "../text/times";
import type { Staff, StaffEvening, StaffHome } from "../wire/messages";
import { Areas, waitingIn } from "./areas";
import { Rooms } from "./rooms";

export { OpenidPage } from "../office/openid";
export { textsOfTheStaff } from "../text/staff";

/** How the start page works, in brief. */
export const GUIDE_OF_THE_STAFF: readonly TextKey[] = [
  "guide_staff_rooms",
  "guide_member",
  "guide_staff_areas",
  "guide_staff_state",
];

/** How often it is looked who is there, milliseconds. */
const EVERY_MS = 10_000;

export function StaffRoot() {
  const now = useOffice().session.value;
  switch (now.type) {
    case "asking":
      return <Asking trouble={now.trouble} />;
    case "nobody":
      return <SignInPage />;
    case "somebody":
    case "lapsed":
      return (
        <>
          <StartPage staff={now.staff} />
          {now.type === "lapsed" && <SignInAgain email={now.staff.email} />}
        </>
      );
  }
}

/** The evenings to come, for who is a teacher too. */
function Evenings({ evenings }: { readonly evenings: readonly StaffEvening[] }) {
  const { locale, text } = useLanguage();
  return (
    <>
      <h2>{text("staff_evenings")}</h2>
      <ul class="list">
        {evenings.map(({ name, starts, time_zone: zone, url }) => (
          <li key={url}>
            <a href={url}>{name}</a>, {timesIn(locale, zone).stamp(starts)}
          </li>
        ))}
      </ul>
    </>
  );
}

function StartPage({ staff }: { readonly staff: Staff }) {
  const { api } = useOffice();
  const text = useText();
  const sought = useSignal("");
  const home = useResource(() => api.staffHome(), [api], EVERY_MS);
  useNews(home);
  const wanted = sought.value.toLocaleLowerCase();
  return (
    <Page state="staff" name="start" heading={text("staff_title")} nav={<Nav staff={staff} />}>
      <p>{text("staff_greeting", { name: staff.name })}</p>
      <Loaded of={home}>
        {({ rooms, areas, all_areas: all, evenings = [], hat }) => (
          <>
            {evenings.length > 0 && <Evenings evenings={evenings} />}
            <h2>{text("meeting_rooms")}</h2>
            {rooms.length === 0 ? (
              <p>{text("meeting_rooms_none")}</p>
            ) : (
              <>
                {rooms.some(({ kept }) => kept !== true) && <ServiceUsers />}
                <Search
                  label={text("meeting_rooms_search")}
                  onSearch={(words) => {
                    sought.value = words;
                  }}
                />
                <Rooms
                  rooms={rooms.filter(({ name }) => name.toLocaleLowerCase().includes(wanted))}
                />
              </>
            )}
            <h2>
              {text("waiting_areas")}{" "}
              {waitingIn(areas) > 0 && <span class="badge">{waitingIn(areas)}</span>}
            </h2>
            {areas.length === 0 ? (
              <p>{text("waiting_areas_none")}</p>
            ) : (
              <Areas areas={areas} all={all} reload={home.reload} />
            )}
            <SecondFactorSection />
            {hat !== undefined && (
              <HatSection
                at="staff"
                hat={hat}
                make={api.makeHat}
                unmake={api.unmakeHat}
                reload={home.reload}
              />
            )}
          </>
        )}
      </Loaded>
    </Page>
  );
}

/** Looks again as soon as the server has news, also where nobody looks at the page: arrivals sound. */
function useNews({ value, reload }: Resource<StaffHome>): void {
  const { api } = useOffice();
  const isKnown = value !== null;
  const seen = value?.seen ?? "";
  useEffect(() => {
    if (!isKnown) {
      return;
    }
    const { stop } = watch(api.staffChanges, seen, {
      changed: () => void reload(),
      withdrawn: () => undefined,
      over: () => undefined,
    });
    return stop;
  }, [api, isKnown, reload]);
}

/** What rooms that admit directly are not for, and the term explained where it stands. */
function ServiceUsers() {
  const text = useText();
  return (
    <div class="note">
      <p>{text("service_user_warning")}</p>
      <details>
        <summary>{text("service_user_ask")}</summary>
        <p>{text("service_user_text")}</p>
      </details>
    </div>
  );
}

function Nav({ staff }: { readonly staff: Staff }) {
  const { api } = useOffice();
  const text = useText();
  return (
    <nav class="office-nav" aria-label={text("staff_nav")}>
      <div>
        <ul>
          <li>
            <a href="/staff" aria-current="page">
              {text("staff_title")}
            </a>
          </li>
          {staff.office && (
            <li>
              <a href="/office">{text("office_title")}</a>
            </li>
          )}
        </ul>
        <button type="button" class="link" onClick={() => void api.signOut()}>
          {text("office_sign_out")}
        </button>
      </div>
    </nav>
  );
}
