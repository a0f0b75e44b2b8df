//! The same shapes for the browser, generated: `web/src/wire/messages.ts`.

use std::fmt::Write as _;

use ts_rs::{Config, TS};

use crate::close::{Close, ComeBack};
use crate::{http, message};

/// The whole TypeScript file.
///
/// # Panics
///
/// Never: writing to a `String` cannot fail.
#[must_use]
#[expect(clippy::expect_used, reason = "each says why it holds")]
#[expect(clippy::too_many_lines, reason = "one line a type")]
pub fn file() -> String {
    let config = Config::default();
    let mut out =
        String::from("// Generated from crates/wire by `scripts/generate`. Do not edit.\n\n");
    for declaration in [
        message::ClientMessage::decl(&config),
        message::ServerMessage::decl(&config),
        message::Session::decl(&config),
        message::CallInfo::decl(&config),
        message::Person::decl(&config),
        message::Sends::decl(&config),
        message::Shown::decl(&config),
        message::Picture::decl(&config),
        message::PictureKind::decl(&config),
        message::Role::decl(&config),
        message::Notice::decl(&config),
        message::RefusedCode::decl(&config),
        message::GoodbyeReason::decl(&config),
        Close::decl(&config),
        ComeBack::decl(&config),
        http::link::LinkRequest::decl(&config),
        http::link::LinkView::decl(&config),
        http::link::Other::decl(&config),
        http::link::EveningView::decl(&config),
        http::link::Appointment::decl(&config),
        http::link::Phase::decl(&config),
        http::link::TicketRequest::decl(&config),
        http::link::TicketGranted::decl(&config),
        http::link::RelayAccess::decl(&config),
        http::link::NetworkTest::decl(&config),
        http::link::ChangesRequest::decl(&config),
        http::link::Changes::decl(&config),
        http::link::LostLinkRequest::decl(&config),
        http::problem::Problem::decl(&config),
        http::problem::FieldError::decl(&config),
        http::problem::ProblemCode::decl(&config),
        http::parent::ParentView::decl(&config),
        http::parent::Booking::decl(&config),
        http::parent::StudentView::decl(&config),
        http::parent::ClassView::decl(&config),
        http::parent::BookingView::decl(&config),
        http::parent::SlotsView::decl(&config),
        http::parent::ClassSlots::decl(&config),
        http::parent::SlotView::decl(&config),
        http::parent::SlotState::decl(&config),
        http::parent::BookRequest::decl(&config),
        http::parent::AutoBookRequest::decl(&config),
        http::parent::Wish::decl(&config),
        http::parent::AutoBooked::decl(&config),
        http::parent::Unmet::decl(&config),
        http::parent::MoveRequest::decl(&config),
        http::parent::NoteRequest::decl(&config),
        http::parent::InvitationsView::decl(&config),
        http::parent::Wording::decl(&config),
        http::parent::InvitationView::decl(&config),
        http::parent::InvitationState::decl(&config),
        http::parent::InviteRequest::decl(&config),
        http::parent::Invited::decl(&config),
        http::parent::AddressRequest::decl(&config),
        http::teacher::TeacherView::decl(&config),
        http::teacher::TeacherAppointment::decl(&config),
        http::teacher::Present::decl(&config),
        http::teacher::Presence::decl(&config),
        http::session::SetupRequest::decl(&config),
        http::session::SetupCheck::decl(&config),
        http::session::SetupOffer::decl(&config),
        http::session::SignIn::decl(&config),
        http::session::Staff::decl(&config),
        http::school::Contact::decl(&config),
        http::school::SchoolView::decl(&config),
        http::school::SchoolSettings::decl(&config),
        http::school::EveningDraft::decl(&config),
        http::school::Evening::decl(&config),
        http::school::Evenings::decl(&config),
        http::school::BookingDoor::decl(&config),
        http::school::Queued::decl(&config),
        http::people::TeacherDraft::decl(&config),
        http::people::Teacher::decl(&config),
        http::people::Teachers::decl(&config),
        http::people::PlaceDraft::decl(&config),
        http::people::ClassDraft::decl(&config),
        http::people::Class::decl(&config),
        http::people::Classes::decl(&config),
        http::people::StudentDraft::decl(&config),
        http::people::Student::decl(&config),
        http::people::StudentContact::decl(&config),
        http::people::StudentSearch::decl(&config),
        http::people::Students::decl(&config),
        http::people::ContactDraft::decl(&config),
        http::people::ContactPerson::decl(&config),
        http::people::MayBe::decl(&config),
        http::people::TellApart::decl(&config),
        http::people::CourtOrderDraft::decl(&config),
        http::people::OrderTaken::decl(&config),
        http::people::ImportReport::decl(&config),
        http::people::ImportRow::decl(&config),
        http::people::ImportOutcome::decl(&config),
        http::office::Notices::decl(&config),
        http::office::PartNotice::decl(&config),
        http::office::LiveView::decl(&config),
        http::office::LiveCall::decl(&config),
        http::office::OfficeBookings::decl(&config),
        http::office::OfficeBooking::decl(&config),
        http::office::OfficeBookRequest::decl(&config),
        http::office::OfficeMoveRequest::decl(&config),
        http::office::EveningPeople::decl(&config),
        http::office::EveningPerson::decl(&config),
        http::office::LinkShown::decl(&config),
        http::office::OfficeInvitations::decl(&config),
        http::office::OfficeInvitation::decl(&config),
        http::office::OfficeAddressRequest::decl(&config),
        http::office::Approvals::decl(&config),
        http::office::Approval::decl(&config),
        http::office::HeldRecord::decl(&config),
        http::office::Attention::decl(&config),
        http::office::Decision::decl(&config),
        http::office::Audit::decl(&config),
        http::office::AuditRow::decl(&config),
    ] {
        out.push_str("export ");
        out.push_str(&declaration);
        out.push_str("\n\n");
    }
    out.push_str("/** Close codes, and what a client may do after each. */\n");
    out.push_str(
        "export const CLOSES: Readonly<Record<number, { close: Close; comeBack: ComeBack }>> = {\n",
    );
    for close in Close::ALL {
        let name = serde_json::to_string(&close).expect("an enum of plain names");
        let come_back = serde_json::to_string(&close.come_back()).expect("an enum of plain names");
        writeln!(
            out,
            "  {}: {{ close: {name}, comeBack: {come_back} }},",
            close.code()
        )
        .expect("a String takes everything");
    }
    out.push_str("};\n");
    writeln!(
        out,
        "\nexport const SUBPROTOCOL = \"{}\";",
        crate::SUBPROTOCOL
    )
    .expect("a String takes everything");
    writeln!(
        out,
        "export const SOCKET_PATH = \"{}\";",
        crate::SOCKET_PATH
    )
    .expect("a String takes everything");
    out
}
