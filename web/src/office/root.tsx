// Which page of the office is shown.

import { useEffect } from "preact/hooks";
import { Page } from "../parts/page";
import { type Route, Routes } from "../parts/routes";
import { useText } from "../text/context";
import { AlikePage } from "./alike";
import { ApprovalsPage } from "./approvals";
import { AreaPage, AreasPage } from "./areas";
import { Asking } from "./asking";
import { AuditPage } from "./audit";
import { BookingsPage } from "./bookings";
import { ClassesPage, ClassPage } from "./classes";
import { ContactPage, NewContactPage } from "./contacts";
import { EveningPage } from "./evening";
import { EveningFormPage } from "./evening-form";
import { EveningsPage } from "./evenings";
import { FamilyPages } from "./family";
import { ImportPage } from "./import";
import { InvitationAddressPage, InvitationsPage } from "./invitations";
import { LivePage } from "./live";
import { may, type Right } from "./may";
import { MemberPage, MembersPage } from "./members";
import { useOffice } from "./office";
import { OfficePage } from "./office-page";
import { PeoplePage } from "./people";
import { RegistrationsPage } from "./registrations";
import { RoomPage, RoomsPage } from "./rooms";
import { SettingsPage } from "./settings";
import { SignInAgain, SignInPage } from "./sign-in";
import { StudentPage, StudentsPage } from "./students";
import { SystemPage } from "./system";
import { TeacherPage, TeachersPage } from "./teachers";
import { VisitsPage } from "./visits";

const ROUTES: readonly Route[] = [
  ["", () => <EveningsPage />],
  ["evenings/new", () => <EveningFormPage id={null} />],
  ["evenings/:", (id = "") => <EveningPage id={id} />],
  ["evenings/:/edit", (id = "") => <EveningFormPage id={id} />],
  ["evenings/:/people", (id = "") => <PeoplePage id={id} />],
  [
    "evenings/:/parents/:/*",
    (evening = "", contact = "") => <FamilyPages evening={evening} contact={contact} />,
  ],
  ["evenings/:/bookings", (id = "") => <BookingsPage id={id} />],
  ["evenings/:/live", (id = "") => <LivePage id={id} />],
  ["evenings/:/invitations", (id = "") => <InvitationsPage id={id} />],
  [
    "evenings/:/invitations/:/address",
    (id = "", invitation = "") => <InvitationAddressPage id={id} invitation={invitation} />,
  ],
  ["teachers", () => <TeachersPage />],
  ["teachers/new", () => <TeacherPage id={null} />],
  ["teachers/:", (id = "") => <TeacherPage id={id} />],
  ["classes", () => <ClassesPage />],
  ["classes/new", () => <ClassPage id={null} />],
  ["classes/:", (id = "") => <ClassPage id={id} />],
  ["students", () => <StudentsPage />],
  ["students/new", () => <StudentPage id={null} />],
  ["students/:", (id = "") => <StudentPage id={id} />],
  ["students/:/contacts/new", (student = "") => <NewContactPage student={student} />],
  ["contacts/:", (id = "") => <ContactPage id={id} student="" />],
  ["contacts/:/of/:", (id = "", student = "") => <ContactPage id={id} student={student} />],
  ["rooms", () => <RoomsPage />],
  ["rooms/new", () => <RoomPage id={null} />],
  ["rooms/members", () => <MembersPage />],
  ["rooms/members/new", () => <MemberPage />],
  ["rooms/:", (id = "") => <RoomPage id={id} />],
  ["areas", () => <AreasPage />],
  ["areas/new", () => <AreaPage id={null} />],
  ["areas/:", (id = "") => <AreaPage id={id} />],
  ["visits", () => <VisitsPage />],
  ["import", () => <ImportPage invites={false} />],
  ["import/inviting", () => <ImportPage invites />],
  ["import/system", () => <SystemPage />],
  ["invitations", () => <RegistrationsPage />],
  ["alike", () => <AlikePage />],
  ["approvals", () => <ApprovalsPage />],
  ["audit", () => <AuditPage />],
  ["settings", () => <SettingsPage />],
];

/** What the pages are for of whoever does not do the school's work; the others are for who does. */
const RIGHTS: { readonly [pattern: string]: Right } = {
  "": "look",
  "evenings/:": "look",
  "evenings/:/bookings": "look",
  "evenings/:/live": "look",
  "evenings/:/people": "evening",
  "evenings/:/parents/:/*": "evening",
  "rooms/members/new": "govern",
};

export function OfficeRoot() {
  const { session } = useOffice();
  const now = session.value;
  switch (now.type) {
    case "asking":
      return <Asking trouble={now.trouble} />;
    case "nobody":
      return <SignInPage />;
    case "somebody":
    case "lapsed":
      return now.staff.office ? (
        <>
          <Routes
            routes={ROUTES.filter(([pattern]) => may(now.staff, RIGHTS[pattern] ?? "run"))}
            otherwise={<NotHere />}
          />
          {now.type === "lapsed" && <SignInAgain email={now.staff.email} />}
        </>
      ) : (
        <NotOfTheOffice />
      );
  }
}

/** Whoever of the staff has nothing to do or to see here has a page of their own. */
function NotOfTheOffice() {
  const text = useText();
  useEffect(() => location.replace("/staff"), []);
  return (
    <Page state="loading" heading={text("office_title")}>
      <p>
        <a href="/staff">{text("staff_title")}</a>
      </p>
    </Page>
  );
}

function NotHere() {
  const text = useText();
  return (
    <OfficePage name="not-here" heading={text("not_here_title")}>
      <p>{text("not_here_text")}</p>
    </OfficePage>
  );
}
