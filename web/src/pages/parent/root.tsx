// A parent's pages: what they all show is asked for once, and again when something has changed.

import { useEffect, useMemo } from "preact/hooks";
import { useApp } from "../../app";
import type { Link } from "../../http/links";
import { ParentApi } from "../../http/parent";
import { LinkPage } from "../../parts/link-page";
import { Page } from "../../parts/page";
import { Loaded, type Resource, useResource } from "../../parts/resource";
import { type Route, Routes } from "../../parts/routes";
import { useText } from "../../text/context";
import type { ParentView } from "../../wire/messages";
import { DeviceCheckPage } from "../device-check";
import { BookPage } from "./book";
import { BookAutomaticallyPage } from "./book-automatically";
import { MyBookingsPage } from "./bookings";
import { ChooseSlotPage } from "./choose-slot";
import { FamilyContext } from "./family";
import { InvitePage } from "./invite";
import { ChangeAddressPage, ManageInvitesPage } from "./manage-invites";
import { MovePage } from "./move";
import { NotePage } from "./note";
import { ParentContext } from "./parent";

const ROUTES: readonly Route[] = [
  ["book", () => <BookPage />],
  ["book/automatically", () => <BookAutomaticallyPage />],
  [
    "book/:/:",
    (student = "", subject = "") => <ChooseSlotPage student={student} subject={subject} />,
  ],
  ["move/:", (booking = "") => <MovePage booking={booking} />],
  ["note/:", (booking = "") => <NotePage booking={booking} />],
  ["invites", () => <ManageInvitesPage />],
  ["invites/new", () => <InvitePage />],
  ["invites/:/address", (invitation = "") => <ChangeAddressPage invitation={invitation} />],
  ["check", () => <DeviceCheckPage />],
];

export function ParentPages({ link }: { readonly link: Link }) {
  const { changes } = useApp();
  const api = useMemo(() => new ParentApi(link), [link]);
  const text = useText();
  const view = useResource(() => api.view(), [api]);
  const changed = changes.value;
  useEffect(() => {
    if (changed > 0) {
      void view.reload();
    }
  }, [changed]);
  if (view.value === null) {
    return <Opening view={view} />;
  }
  const parent = { api, view: view.value, reload: view.reload };
  return (
    <ParentContext.Provider value={parent}>
      <FamilyContext.Provider value={{ ...parent, list: "book", Frame: LinkPage, say: text }}>
        <Routes routes={ROUTES} otherwise={<MyBookingsPage />} />
      </FamilyContext.Provider>
    </ParentContext.Provider>
  );
}

function Opening({ view }: { readonly view: Resource<ParentView> }) {
  const text = useText();
  return (
    <Page state="loading" heading={text("opening_title")}>
      <Loaded of={view}>{() => null}</Loaded>
    </Page>
  );
}
