// The frame of the office's pages: where else there is to go, the way back, and news.

import type { ComponentChildren } from "preact";
import { useContext } from "preact/hooks";
import { useNavigation } from "../navigation";
import { Back, GoTo } from "../parts/go-to";
import { HelpContext } from "../parts/help";
import { News } from "../parts/news";
import { Page } from "../parts/page";
import { useText } from "../text/context";
import type { TextKey } from "../text/text";
import { ContactMissing, MailTrouble, useAttention } from "./attention";
import { type Right, useMay } from "./may";
import { useOffice } from "./office";

const PLACES: readonly {
  readonly path: string;
  readonly label: TextKey;
  readonly right: Right;
}[] = [
  { path: "", label: "office_evenings", right: "look" },
  { path: "students", label: "office_students", right: "run" },
  { path: "invitations", label: "office_registrations", right: "run" },
  { path: "teachers", label: "office_teachers", right: "run" },
  { path: "classes", label: "office_classes", right: "run" },
  { path: "rooms", label: "office_rooms", right: "run" },
  { path: "areas", label: "office_areas", right: "run" },
  { path: "approvals", label: "office_approvals", right: "run" },
  { path: "audit", label: "office_audit", right: "run" },
  { path: "settings", label: "office_settings", right: "run" },
];

type Props = {
  readonly name: string;
  readonly heading: string;
  readonly back?: { readonly to: string; readonly label: string };
  readonly children: ComponentChildren;
};

export function OfficePage({ name, heading, back, children }: Props) {
  const attention = useAttention();
  const helper = useContext(HelpContext);
  const may = useMay();
  const above = (
    <>
      <MailTrouble attention={attention} />
      {helper === "unnamed" && name !== "settings" && may("run") && <ContactMissing />}
      {back !== undefined && <Back to={back.to}>{back.label}</Back>}
      <News />
    </>
  );
  return (
    // The office is whom others ask.
    <HelpContext.Provider value={helper === "unnamed" ? null : helper}>
      <Page
        state="office"
        name={name}
        heading={heading}
        nav={<Places toDecide={attention?.to_decide ?? 0} />}
        above={above}
      >
        {children}
      </Page>
    </HelpContext.Provider>
  );
}

function Places({ toDecide }: { readonly toDecide: number }) {
  const { api } = useOffice();
  const text = useText();
  const may = useMay();
  const path = useNavigation().path.value;
  return (
    <nav class="office-nav" aria-label={text("office_nav")}>
      <div>
        <ul>
          {PLACES.filter(({ right }) => may(right)).map((place) => (
            <li key={place.path}>
              <GoTo to={place.path} current={isAt(path, place.path)}>
                {place.path === "approvals" && toDecide > 0
                  ? text("office_approvals_waiting", { count: toDecide })
                  : text(place.label)}
              </GoTo>
            </li>
          ))}
        </ul>
        <button type="button" class="link" onClick={() => void api.signOut()}>
          {text("office_sign_out")}
        </button>
      </div>
    </nav>
  );
}

/** Pages about one evening belong to the evenings, which are the office's first page. */
export function isAt(path: string, place: string): boolean {
  const first = path.split("/")[0] ?? "";
  const owner = first === "evenings" ? "" : first === "contacts" ? "students" : first;
  return (owner === "import" ? "students" : owner) === place;
}
