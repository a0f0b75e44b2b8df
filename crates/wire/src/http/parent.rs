//! What a parent asks with their link: slots, bookings and invitations (EVE-2, EVE-4, INV-1 to 7).

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use super::link::{Appointment, EveningView};
use super::school::Contact;

/// Answers `POST /api/v1/links/{id}/parent`: the parent's page, asked with `LinkRequest`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct ParentView {
    /// The parent's name.
    pub name: String,
    /// The evening.
    pub evening: EveningView,
    /// Whether booking is possible now.
    pub booking: Booking,
    /// When booking opens by itself, where that is set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    #[schema(format = DateTime)]
    pub booking_opens: Option<String>,
    /// When booking closes by itself, where that is set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    #[schema(format = DateTime)]
    pub booking_closes: Option<String>,
    /// The students linked to the parent who take part in the evening.
    pub students: Vec<StudentView>,
    /// "My Bookings", in order of time.
    pub bookings: Vec<BookingView>,
    /// The parent's invitations.
    pub invitations: InvitationsView,
    /// Whom to ask for help (OPS-6).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub contact: Option<Contact>,
    /// For `POST /api/v1/links/{id}/changes`.
    pub seen: String,
}

/// Whether appointments may be booked, moved and cancelled.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Booking {
    /// Not yet.
    NotOpen,
    /// Now.
    Open,
    /// No more.
    Closed,
    /// Never: the school has cancelled the evening.
    Cancelled,
}

/// A student of the parent.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct StudentView {
    /// Names the student in requests.
    pub id: String,
    /// Their name.
    pub name: String,
    /// The classes whose teachers can be met.
    pub classes: Vec<ClassView>,
}

/// A class of a student, taken by one to three teachers.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct ClassView {
    /// Names the class in requests.
    pub id: String,
    /// The subject.
    pub subject: String,
    /// Who takes it, jointly where several.
    pub teachers: Vec<String>,
    /// The id of the appointment booked with it for this student, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub booked: Option<String>,
}

/// One of "My Bookings".
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct BookingView {
    /// The appointment; its `id` names the booking too.
    pub appointment: Appointment,
    /// The student.
    pub student: String,
    /// The class.
    pub class: String,
    /// The parent's note to the teachers; empty where there is none.
    pub note: String,
}

/// Answers `POST /api/v1/links/{id}/slots`, asked with `LinkRequest`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct SlotsView {
    /// For each student and class.
    pub slots: Vec<ClassSlots>,
}

/// The slots of one class for one student.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct ClassSlots {
    /// The student.
    pub student: String,
    /// The class.
    pub class: String,
    /// In order of time.
    pub slots: Vec<SlotView>,
}

/// One slot.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct SlotView {
    /// When it begins; names it in requests.
    #[schema(format = DateTime)]
    pub starts: String,
    /// When it ends.
    #[schema(format = DateTime)]
    pub ends: String,
    /// Whether this parent may have it.
    pub state: SlotState,
}

/// Whether a parent may have a slot.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SlotState {
    /// It is free.
    Free,
    /// It is free, but the parent has another appointment then.
    Clash,
    /// It is this parent's appointment.
    Yours,
    /// Somebody else has it, or a teacher is not there.
    Taken,
    /// A talk that one of the teachers is in was made longer, and goes on into it: it may be had once that is over.
    TalkGoesOn,
    /// Its time has passed.
    Past,
}

/// `POST /api/v1/links/{id}/bookings`: books one slot. Answered with [`BookingView`].
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct BookRequest {
    /// The secret from the URL's fragment.
    pub secret: String,
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

/// `POST /api/v1/links/{id}/bookings/automatic`: books what was wished for without a clash, in
/// walking order.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct AutoBookRequest {
    /// The secret from the URL's fragment.
    pub secret: String,
    /// As in [`BookRequest`].
    #[schema(format = "attempt")]
    pub attempt: String,
    /// Which classes of which students; empty means all that are not booked yet.
    #[serde(default)]
    #[schema(max_items = 100)]
    pub wishes: Vec<Wish>,
    /// Nothing that begins before this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    #[schema(format = DateTime)]
    pub from: Option<String>,
    /// Nothing that ends after this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    #[schema(format = DateTime)]
    pub until: Option<String>,
}

/// One class of one student.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct Wish {
    /// The student.
    pub student: String,
    /// The class.
    pub class: String,
}

/// Answers [`AutoBookRequest`]. Where a wish could not be met the others are booked all the same.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct AutoBooked {
    /// What is booked now.
    pub booked: Vec<BookingView>,
    /// What could not be met.
    pub unmet: Vec<Unmet>,
}

/// A wish that could not be met.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct Unmet {
    /// The student.
    pub student: String,
    /// The class.
    pub class: String,
    /// A sentence that says why.
    pub reason: String,
}

/// `POST /api/v1/links/{id}/bookings/{booking}/move`. Answered with [`BookingView`].
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct MoveRequest {
    /// The secret from the URL's fragment.
    pub secret: String,
    /// When the new slot begins.
    #[schema(format = DateTime)]
    pub starts: String,
}

/// `POST /api/v1/links/{id}/bookings/{booking}/note`, answered with [`BookingView`], and
/// `POST /api/v1/links/{id}/teacher/{booking}/note`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct NoteRequest {
    /// The secret from the URL's fragment.
    pub secret: String,
    /// Empty removes it.
    #[schema(format = "note")]
    pub note: String,
    /// What a teacher was shown when they began to write, as the server gave it: where it reads otherwise
    /// by now, nothing is written, and the answer is `changed_meanwhile`. Absent, whatever stands there is
    /// replaced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(format = "note")]
    #[ts(optional)]
    pub before: Option<String>,
}

/// The parent's invitations of the evening. Another parent's are never among them (INV-4).
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct InvitationsView {
    /// Those that were sent and not removed.
    pub sent: Vec<InvitationView>,
    /// The students for whom one may be invited still; empty: "Unable to invite another
    /// parent/guardian. Only one invite can be sent per student."
    pub left: Vec<String>,
    /// Whom the school has not approved since somebody was invited last, the newest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<DeclinedView>>")]
    pub declined: Vec<DeclinedView>,
    /// What to consent to.
    pub wording: Wording,
}

/// An invitation that the school has not approved (DIR-4).
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct DeclinedView {
    /// The name that was entered.
    pub name: String,
    /// What the school says to it; may be empty.
    pub reason: String,
}

/// The consent that is asked for (INV-2).
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct Wording {
    /// Its version, which `InviteRequest` sends back.
    pub version: String,
    /// The words beside the tick.
    pub text: String,
}

/// One invitation.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct InvitationView {
    /// Names it in requests.
    pub id: String,
    /// The guest's name.
    pub name: String,
    /// The guest's e-mail address.
    pub email: String,
    /// The ids of the students it covers.
    pub students: Vec<String>,
    /// How it stands.
    pub state: InvitationState,
    /// When it was sent last.
    #[schema(format = DateTime)]
    pub sent: String,
}

/// How an invitation stands (INV-6).
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum InvitationState {
    /// It waits for the school: "Your school needs to approve this invitation."
    NeedsApproval,
    /// The e-mail is on its way.
    Sending,
    /// A mail server took it.
    Sent,
    /// It is known to have arrived.
    Delivered,
    /// It came back, or no mail server takes it.
    Bounced,
    /// The guest has joined a call with it.
    Joined,
}

/// `POST /api/v1/links/{id}/invitations`: "Send Invite" (INV-2, INV-3).
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct InviteRequest {
    /// The secret from the URL's fragment.
    pub secret: String,
    /// 128 random bits, 32 lowercase hexadecimal digits: a retry with the same is the same invitation.
    #[schema(format = "attempt")]
    pub attempt: String,
    /// The guest's name.
    #[schema(format = "name")]
    pub name: String,
    /// The guest's e-mail address.
    #[schema(format = "address")]
    pub email: String,
    /// The tick.
    pub consent: bool,
    /// The version of the wording that was shown.
    pub wording: String,
    /// The students to cover; empty means the only one linked.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub students: Vec<String>,
}

/// Answers [`InviteRequest`] and [`AddressRequest`].
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Invited {
    /// The e-mail is on its way.
    Sent {
        /// The invitation.
        invitation: InvitationView,
    },
    /// "Your school needs to approve this invitation." and nothing more (DIR-4).
    NeedsApproval {},
}

/// `POST /api/v1/links/{id}/invitations/{invitation}/address`: a new address gets a new link, and
/// the old one is dead (LINK-3).
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct AddressRequest {
    /// The secret from the URL's fragment.
    pub secret: String,
    /// The new address.
    #[schema(format = "address")]
    pub email: String,
}
