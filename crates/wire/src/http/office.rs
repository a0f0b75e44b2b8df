//! What the office watches and decides while an evening is prepared and runs.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use super::link::Appointment;
use super::parent::InvitationState;
use super::people::{ChangedDetail, MayBe, UnenteredOrder};
use super::teacher::Present;

/// `GET /api/v1/evenings/{evening}/live`: who is in which call and who waits.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct LiveView {
    /// When this was true.
    #[schema(format = DateTime)]
    pub now: String,
    /// The appointments of now, those in which somebody is, and those to come for which somebody has said that
    /// they are here.
    pub calls: Vec<LiveCall>,
    /// How many appointments are over.
    pub over: u32,
    /// How many are still to come.
    pub upcoming: u32,
}

/// One call of now.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct LiveCall {
    /// The appointment.
    pub appointment: Appointment,
    /// Who booked it.
    pub parent: String,
    /// Who is there or waits.
    pub present: Vec<Present>,
    /// How many places there are.
    pub cap: u32,
}

/// `GET /api/v1/notices`: what somebody should know who looks after the server.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct Notices {
    /// One for each part of the program of which there is something to say.
    pub notices: Vec<PartNotice>,
}

/// What there is to say of one part of the program.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct PartNotice {
    /// The part, as `/readyz` names it.
    pub part: String,
    /// A sentence to show.
    pub text: String,
}

/// `GET /api/v1/evenings/{evening}/bookings`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct OfficeBookings {
    /// In order of time.
    pub bookings: Vec<OfficeBooking>,
}

/// One booking, as the office sees it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct OfficeBooking {
    /// The appointment.
    pub appointment: Appointment,
    /// Who booked it.
    pub parent: String,
    /// Their id.
    pub contact: String,
}

/// `POST /api/v1/evenings/{evening}/parents/{contact}/bookings`: books one slot for a parent,
/// whether booking is open or not. Answered with `BookingView`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct OfficeBookRequest {
    /// 128 random bits, 32 lowercase hexadecimal digits: a retry with the same is the same booking.
    #[schema(format = "attempt")]
    pub attempt: String,
    /// The student.
    pub student: String,
    /// The class.
    pub class: String,
    /// When the slot begins.
    #[schema(format = DateTime)]
    pub starts: String,
    /// A note to the teachers.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[schema(format = "note")]
    #[ts(optional, as = "Option<String>")]
    pub note: String,
}

/// `POST /api/v1/evenings/{evening}/parents/{contact}/bookings/{booking}/move`. Answered with
/// `BookingView`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct OfficeMoveRequest {
    /// When the new slot begins.
    #[schema(format = DateTime)]
    pub starts: String,
}

/// `GET /api/v1/evenings/{evening}/links`: everybody's link of an evening.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct EveningPeople {
    /// Teachers.
    pub teachers: Vec<EveningPerson>,
    /// Parents and guardians.
    pub parents: Vec<EveningPerson>,
    /// The ids of teachers who cannot come: nobody's appointments go to them (EVE-13).
    pub away: Vec<String>,
}

/// Somebody who takes part in an evening.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct EveningPerson {
    /// The teacher's or contact's id.
    pub id: String,
    /// Their name.
    pub name: String,
    /// Their e-mail address.
    pub email: String,
    /// How many appointments they have.
    pub appointments: u32,
    /// How the e-mail with their link stands; absent where none was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub mail: Option<InvitationState>,
    /// Whether they have a link, by e-mail or by letter: they know of the evening.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[ts(optional, as = "Option<bool>")]
    pub has_link: bool,
}

/// Answers `POST /api/v1/evenings/{evening}/teachers/{teacher}/link` and `…/parents/{contact}/link`:
/// the personal link, for handing over by letter or in person. Kept in the audit log.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct LinkShown {
    /// The whole address.
    #[schema(format = "uri")]
    pub url: String,
}

/// `GET /api/v1/evenings/{evening}/invitations` (INV-9).
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct OfficeInvitations {
    /// The newest first.
    pub invitations: Vec<OfficeInvitation>,
    /// The names of parents who, within a day, wanted to set off more e-mail than one day allows.
    pub stopped: Vec<String>,
}

/// An invitation, as the office sees it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct OfficeInvitation {
    /// Names it in requests.
    pub id: String,
    /// Who invited.
    pub parent: String,
    /// The guest's name.
    pub name: String,
    /// The guest's e-mail address.
    pub email: String,
    /// The names of the students covered.
    pub students: Vec<String>,
    /// How it stands.
    pub state: InvitationState,
    /// When it was sent last.
    #[schema(format = DateTime)]
    pub sent: String,
    /// When consent was given.
    #[schema(format = DateTime)]
    pub consented: String,
    /// The version of the wording consented to.
    pub wording: String,
    /// Why its e-mail came back; empty where it did not.
    pub bounce: String,
}

/// `POST /api/v1/invitations/{invitation}/address`: a new address gets a new link, and the old one
/// is dead (LINK-3). Answered with [`OfficeInvitation`].
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct OfficeAddressRequest {
    /// The new address.
    #[schema(format = "address")]
    pub email: String,
}

/// `GET /api/v1/approvals`: what parents wished and a court order stands against (DIR-4).
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct Approvals {
    /// The oldest first; those decided are not among them.
    pub approvals: Vec<Approval>,
    /// Contacts who may be somebody with a court order, by name (DIR-13).
    pub records: Vec<HeldRecord>,
    /// Appointments whose class has other teachers now, who are busy then, or whose student is in it no longer,
    /// in order of time (EVE-13).
    pub appointments: Vec<AskedAppointment>,
    /// What parents say of themselves otherwise than the school's records, the oldest first (DIR-12).
    pub details: Vec<ChangedDetail>,
    /// Court orders that an information system says and that could not be entered.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<UnenteredOrder>>")]
    pub orders: Vec<UnenteredOrder>,
    /// Those of which the office has said that they are about nobody here, while they are said as they were.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<UnenteredOrder>>")]
    pub dismissed: Vec<UnenteredOrder>,
}

/// An appointment of which the office is to say what becomes of it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct AskedAppointment {
    /// Names it in requests.
    pub booking: String,
    /// What the evening is called.
    pub evening: String,
    /// Its time zone, in which its times are shown.
    pub time_zone: String,
    /// The student it is about.
    pub student: String,
    /// The parent who booked it.
    pub parent: String,
    /// The subject.
    pub subject: String,
    /// When it is.
    #[schema(format = DateTime)]
    pub starts: String,
    /// Who takes it until it is decided.
    pub teachers: Vec<String>,
    /// Whether they may keep it: not where one of them cannot come.
    pub may_be_kept: bool,
    /// Whether its student is in the class no longer.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[ts(optional, as = "Option<bool>")]
    pub left_class: bool,
    /// Who is to take it; nobody where it can only be cancelled or kept.
    pub instead: Vec<String>,
    /// When all of those and the parent are free, in order.
    pub free: Vec<String>,
}

/// `POST /api/v1/asked/{booking}`: what becomes of it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct AskedDecision {
    /// What the office decides.
    pub decision: AskedOutcome,
    /// When, where it is moved: one of `free`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    #[schema(format = DateTime)]
    pub starts: Option<String>,
}

/// What becomes of an appointment that waited.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AskedOutcome {
    /// It stays with those who take it.
    Keep,
    /// Those who are to take it do, at another time.
    Move,
    /// It is cancelled, and the family is told.
    Cancel,
}

/// `POST /api/v1/evenings/{evening}/cancel`: it does not take place; everybody is told.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct CancelEvening {
    /// What the school says of it; may be empty.
    pub words: String,
}

/// `POST /api/v1/evenings/{evening}/teachers/{teacher}/replace`: a teacher cannot come (EVE-13).
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct ReplaceTeacher {
    /// Who takes their appointments; without, they go back to the families. Themselves: they come after all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub instead: Option<String>,
}

/// What has become of a teacher's appointments.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct Replaced {
    /// How many appointments somebody else takes now.
    pub given: u32,
    /// How many are cancelled.
    pub cancelled: u32,
    /// How many wait for the office in `approvals`, because whoever takes them is busy then.
    pub asked: u32,
}

/// A contact who waits for the office.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct HeldRecord {
    /// Names them in requests.
    pub contact: String,
    /// Their name.
    pub name: String,
    /// The id of one of their students.
    pub student: String,
    /// Whom they may be.
    pub may_be: MayBe,
}

/// `GET /api/v1/stopped`: calls that somebody stopped for abuse (SCR-14).
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct StoppedCalls {
    /// At most 200, the newest first.
    pub calls: Vec<StoppedCall>,
}

/// A call that somebody stopped.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct StoppedCall {
    /// Names it in requests.
    pub id: String,
    /// When.
    #[schema(format = DateTime)]
    pub at: String,
    /// Who did it; empty where they were erased since.
    pub by: String,
    /// The evening, meeting room or waiting area.
    pub place: String,
    /// Whom the appointment was about; absent where it was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub student: Option<String>,
    /// When the appointment begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(format = DateTime)]
    #[ts(optional)]
    pub starts: Option<String>,
    /// The guests of a room or a waiting area whom it keeps out.
    pub guests: Vec<String>,
    /// What happened, as they wrote it; may be empty.
    pub note: String,
    /// What has become of it.
    pub state: StopState,
}

/// What has become of a call that was stopped.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StopState {
    /// The office has yet to look at it.
    New,
    /// The office has, and it stands.
    Stands,
    /// The office has let back whom it kept out.
    LetBack,
}

/// `GET /api/v1/attention`: what waits for the office.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct Attention {
    /// How many invitations, records and appointments it has to decide about, and calls that were stopped
    /// at which it has yet to look.
    pub to_decide: u32,
    /// How many invitations to register could not be delivered.
    pub undelivered: u32,
    /// How many e-mails could not be sent yet, and are tried again.
    pub mail_waiting: u32,
    /// Why; empty where none waits.
    pub mail_reason: String,
}

/// One invitation that waits for the office, or one guest at the door of a meeting.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct Approval {
    /// Names it in requests.
    pub id: String,
    /// Who wishes to invite, or has invited; empty where nobody did, or they were erased since.
    pub parent: String,
    /// The evening, meeting room or waiting area.
    pub evening: String,
    /// The name entered.
    pub name: String,
    /// The e-mail address entered, or the number; empty where there is neither.
    pub email: String,
    /// The names of the students.
    pub students: Vec<String>,
    /// When it was asked.
    #[schema(format = DateTime)]
    pub asked: String,
    /// The name of the contact with a court order whom the guest may be; empty where that contact was
    /// erased since.
    pub contact: String,
    /// Whether it is that contact's address, and not a name alone: then it cannot be approved.
    pub is_certain: bool,
    /// Whether they wait at the door of a meeting: they are let in or turned away, nothing is sent, and
    /// nobody reads why.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[ts(optional, as = "Option<bool>")]
    pub at_door: bool,
    /// The mobile number that they entered there besides an address.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[ts(optional, as = "Option<String>")]
    pub mobile: String,
    /// Why they came there, in their words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    #[ts(optional, as = "Option<String>")]
    pub reason: String,
    /// Whether a parent named them as another parent of a student, to be invited to register (DIR-6).
    /// `contact` is empty where no court order stands against it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[ts(optional, as = "Option<bool>")]
    pub is_parent: bool,
}

/// `POST /api/v1/approvals/{approval}`. Answered with [`Decided`].
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct Decision {
    /// Whether to send the invitation after all, or to let the guest in: the office answers for it.
    pub approve: bool,
    /// Why not, in words that the parent reads; nobody does of a guest at a door.
    #[serde(default)]
    #[schema(format = "note")]
    #[ts(optional, as = "Option<String>")]
    pub reason: String,
}

/// What became of it.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct Decided {
    /// Whether it is a parent whom another parent named, who has an account already: they see the student
    /// there, and no invitation was sent.
    pub registered: bool,
}

/// `GET /api/v1/audit?before=` (DIR-10); `GET /api/v1/audit.csv` has the same rows.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct Audit {
    /// At most 100, the newest first.
    pub rows: Vec<AuditRow>,
    /// What those are called now whom the rows name by kind and id, such as `contact:2`. Who was
    /// erased is not among them.
    pub names: BTreeMap<String, String>,
    /// For the `before` of the next request; absent at the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub next: Option<String>,
}

/// One row of the audit log.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct AuditRow {
    /// Its number, which only rises.
    pub number: String,
    /// When.
    #[schema(format = DateTime)]
    pub at: String,
    /// Who did it: `staff:1`, `contact:2`, `teacher:3`, `invitation:4`, `program` or `unknown`.
    pub who: String,
    /// What was done, a stable word such as `invitation_sent`.
    pub what: String,
    /// To whom or what, such as `booking:5`.
    pub about: String,
    /// More, such as `evening=6 student=7`.
    pub detail: String,
}
