// What leads on from "My Bookings": booking, changing and inviting.

import { texts } from "virtual:texts-of-further-pages";
import { type Route, Routes } from "../../parts/routes";
import { addTexts } from "../../text/text";
import { BookPage } from "./book";
import { BookAutomaticallyPage } from "./book-automatically";
import { MyBookingsPage } from "./bookings";
import { ChooseSlotPage } from "./choose-slot";
import { InvitePage } from "./invite";
import { ChangeAddressPage, ManageInvitesPage } from "./manage-invites";
import { MovePage } from "./move";
import { NotePage } from "./note";

addTexts(texts);

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
];

export function FurtherPages() {
  return <Routes routes={ROUTES} otherwise={<MyBookingsPage />} />;
}
