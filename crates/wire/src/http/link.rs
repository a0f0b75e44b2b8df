//! What anybody may ask with a personal link.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use super::rooms::RoomField;
use super::school::Contact;
use crate::message::Role;

/// `POST /api/v1/links/{id}`: asks what a link is for. It admits and ends
/// nobody.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct LinkRequest {
    /// The secret from the URL's fragment.
    pub secret: String,
    /// The reader's time zone, by its IANA name, to `POST /api/v1/links/{id}` alone: later e-mails
    /// say the reader's own times too (EVE-3). To be sent once a person has done something on the
    /// page, never for opening it: programs that look at mail open pages too. Absent: as before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(format = "zone")]
    #[ts(optional)]
    pub time_zone: Option<String>,
    /// The language of the page, a tag of BCP 47 such as `pl`, to `POST /api/v1/links/{id}` alone, and
    /// as seldom as `time_zone`: `LinkView` tells it on other devices (SCR-9). Absent: as before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(format = "language")]
    #[ts(optional)]
    pub language: Option<String>,
}

/// Answers [`LinkRequest`].
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct LinkView {
    /// Whose link it is.
    pub name: String,
    /// Their role.
    pub role: Role,
    /// What it admits to now or next: an appointment, or the evening where there is none.
    pub title: String,
    /// Who else may be in that appointment's call, by name and role; a guest sees its teachers.
    pub others: Vec<Other>,
    /// Whether a session of this link is live now, so that Join would end it.
    pub in_use: bool,
    /// Whether whoever has it says first who they are (`POST /api/v1/links/{id}/visitors`): a room's own
    /// link, and that of a guest who was invited out of a meeting.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[ts(optional, as = "Option<bool>")]
    pub asks_name: bool,
    /// A guest's: the first name of who invited them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub invited_by: Option<String>,
    /// The evening it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub evening: Option<EveningView>,
    /// The meeting room it belongs to, in place of an evening.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub room: Option<RoomView>,
    /// The waiting area it belongs to, in place of an evening.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub area: Option<AreaView>,
    /// The appointments it admits to, in order of time.
    pub appointments: Vec<Appointment>,
    /// How it stands with the school in the appointment that it admits to now or next, from half an hour
    /// before it, and once it can be joined; not for those who take it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub expected: Option<Expected>,
    /// Whom to ask for help (OPS-6).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub contact: Option<Contact>,
    /// The language that its holder reads, where they have said (SCR-9).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub language: Option<String>,
    /// The version of the ground rules to show beside Join (SCR-15); absent where they were accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub rules: Option<u32>,
    /// For `POST /api/v1/links/{id}/changes`: what was current when this was answered.
    pub seen: String,
}

/// Somebody else entitled to the call.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct Other {
    /// Their name.
    pub name: String,
    /// Their role.
    pub role: Role,
}

/// The meeting room that a link belongs to.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct RoomView {
    /// The school's name.
    pub school: String,
    /// The room's link, for those who may invite guests to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    #[schema(format = "uri")]
    pub url: Option<String>,
    /// What whoever comes by its own link enters besides their name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<RoomField>>")]
    pub asks: Vec<RoomField>,
    /// When it opens next, an instant, where it is closed to whoever would come now by its own link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub opens: Option<String>,
    /// With it, the zone of the school, a name of the IANA data base.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub time_zone: Option<String>,
}

/// The waiting area that a link belongs to.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct AreaView {
    /// The school's name.
    pub school: String,
    /// What the area is for; may be empty.
    pub purpose: String,
    /// Whether this is the area's own link: whoever has it says who they are and why they come, and
    /// waits by the link that they are given.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[ts(optional, as = "Option<bool>")]
    pub asks_reason: bool,
    /// Whether it is closed to whoever would come now: outside its hours, and where nobody takes callers.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[ts(optional, as = "Option<bool>")]
    pub closed: bool,
    /// When it opens next, an instant, where it is closed by its hours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub opens: Option<String>,
    /// The zone of the school, a name of the IANA data base.
    pub time_zone: String,
    /// How it stands with those who take callers, where there is anything to say of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<AreaProvider>>")]
    pub providers: Vec<AreaProvider>,
    /// How many minutes those waited who were seen last: the middle one of up to five within two hours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub waited_minutes: Option<u32>,
    /// A caller's own visit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub visit: Option<Visit>,
}

/// How it stands with somebody who takes callers in a waiting area (WAIT-1).
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct AreaProvider {
    /// Their name.
    pub name: String,
    /// Whether they are with somebody now, or somebody is on the way to them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[ts(optional, as = "Option<bool>")]
    pub busy: bool,
    /// By how many minutes they say that they run late.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub late_minutes: Option<u32>,
    /// Until when they say that they are away, an instant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub away_until: Option<String>,
}

/// A caller's visit to a waiting area, as they see it (WAIT-3).
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct Visit {
    /// How far it has come.
    pub stage: VisitStage,
    /// Their place in line while they wait: 1 for who is next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub place: Option<u32>,
    /// What a provider wrote to them, while they wait; may be empty.
    pub message: String,
    /// Once it was ended, what the provider said to them; may be empty.
    pub word: String,
}

/// `POST /api/v1/links/{id}/leave`: a caller gives their place up (WAIT-3).
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct LeaveRequest {
    /// The secret from the URL's fragment.
    pub secret: String,
    /// What they leave to say to the providers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(format = "note")]
    #[ts(optional)]
    pub words: Option<String>,
}

/// How far a visit has come.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum VisitStage {
    /// They wait.
    Waiting,
    /// A provider took them into a call, and they have not come in yet: their page joins by itself.
    Called,
    /// They have been in that call; they may join it again.
    Joined,
    /// A provider ended it.
    Ended,
    /// They went by themselves.
    Left,
}

/// `POST /api/v1/links/{id}/visitors`, by a link that asks for a name: a guest says who they are.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct VisitorRequest {
    /// The secret from the URL's fragment.
    pub secret: String,
    /// Their name, as the others in the call are shown it.
    #[schema(format = "name")]
    pub name: String,
    /// Why they come, to a waiting area or a room that asks: its providers or members read it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(format = "note")]
    #[ts(optional)]
    pub reason: Option<String>,
    /// Their e-mail address, where a room asks for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(format = "address")]
    #[ts(optional)]
    pub email: Option<String>,
    /// Their mobile number as they write it, where a room asks for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(format = "name")]
    #[ts(optional)]
    pub mobile: Option<String>,
    /// The version of the ground rules that stood beside the button by which a caller of a waiting area
    /// came: they are accepted (SCR-15).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub accepts_rules: Option<u32>,
    /// Names this press: pressed again, it is the same guest.
    #[schema(format = "attempt")]
    pub attempt: String,
    /// The last presses, at most four, by which somebody said who they are in this browser, at whatever
    /// door: whom a stop keeps out comes back there as nobody else (SCR-14).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 4)]
    #[ts(optional, as = "Option<Vec<String>>")]
    pub before: Vec<String>,
}

/// Answers [`VisitorRequest`]: the guest's own link, which works for a day, or for as long as the
/// evening does. It is the one they came by where that was theirs alone already.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct VisitorLink {
    /// Its path and fragment, on this server.
    pub path: String,
}

/// The evening that a link belongs to, as its holder sees it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct EveningView {
    /// Its name.
    pub name: String,
    /// The school's name.
    pub school: String,
    /// Its day in its own zone, `2026-11-19`.
    pub date: String,
    /// An IANA time zone, in which its times are shown.
    pub time_zone: String,
    /// When it begins.
    #[schema(format = DateTime)]
    pub starts: String,
    /// When it ends.
    #[schema(format = DateTime)]
    pub ends: String,
    /// Whether it has ended, by the server's clock. Its links still work for some minutes: a last
    /// appointment may run over.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[ts(optional, as = "Option<bool>")]
    pub is_over: bool,
    /// Where the school has cancelled it, what it says of that; may be empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub cancelled: Option<String>,
}

/// One appointment, as somebody entitled to it sees it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct Appointment {
    /// Names it.
    pub id: String,
    /// What it is held in: names that in `TicketRequest`.
    pub meeting: String,
    /// The student it is about.
    pub student: String,
    /// The subject, as the class is called.
    pub subject: String,
    /// Who takes it, one to three.
    pub teachers: Vec<String>,
    /// When it begins.
    #[schema(format = DateTime)]
    pub starts: String,
    /// When it ends.
    #[schema(format = DateTime)]
    pub ends: String,
    /// From when on it can be joined.
    #[schema(format = DateTime)]
    pub opens: String,
    /// Whether it can be joined now.
    pub joinable: bool,
    /// How it stands.
    pub phase: Phase,
    /// What became of it, once it is over and somebody had come to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub outcome: Option<Outcome>,
}

/// What became of a talk.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// They talked.
    Held,
    /// Nobody of the family came.
    MissedByFamily,
    /// Nobody of the school came while the family was there.
    MissedBySchool,
}

impl From<school::talk::Outcome> for Outcome {
    fn from(outcome: school::talk::Outcome) -> Self {
        match outcome {
            school::talk::Outcome::Held => Self::Held,
            school::talk::Outcome::MissedByFamily => Self::MissedByFamily,
            school::talk::Outcome::MissedBySchool => Self::MissedBySchool,
        }
    }
}

/// How it stands with those who take an appointment, for whoever waits for them (WAIT-5).
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct Expected {
    /// The meeting of the appointment.
    pub meeting: String,
    /// Where they are.
    pub school: SchoolState,
    /// For how long nobody of them has come since it was to begin, milliseconds; 0 before that, and
    /// once somebody is there.
    pub late_ms: u32,
    /// How many of their appointments come before it and are not over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub before: Option<u32>,
    /// Whether the reader has said that they are here, and they can read it (`POST
    /// /api/v1/links/{id}/here`).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[ts(optional, as = "Option<bool>")]
    pub is_here: bool,
}

/// `POST /api/v1/links/{id}/here`: whoever waits says that they are here, or takes it back (WAIT-5). It
/// stands for as long as a page of theirs waits for changes, and until they join.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct HereRequest {
    /// The secret from the URL's fragment.
    pub secret: String,
    /// The meeting of the appointment that they wait for.
    pub meeting: String,
    /// Whether they are.
    pub here: bool,
}

/// Where those are who take an appointment.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SchoolState {
    /// One of them at least is in its call.
    There,
    /// None is, and one is in another call.
    WithOthers,
    /// None is in any call.
    Away,
}

/// How an appointment stands in time.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// It has not begun.
    Upcoming,
    /// It is its time.
    Now,
    /// It is over.
    Over,
}

/// `POST /api/v1/links/{id}/tickets`: sent when the person presses Join, and never otherwise.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct TicketRequest {
    /// The secret from the URL's fragment.
    pub secret: String,
    /// 128 random bits, 32 lowercase hexadecimal digits, chosen by the page for this press. A
    /// retry carries the same one and reaches the same session.
    #[schema(format = "attempt")]
    pub attempt: String,
    /// Which meeting to join; without it, that of the appointment of now, else of the next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub meeting: Option<String>,
    /// The version of the ground rules that stood beside Join: by the press they are accepted (SCR-15).
    /// Absent where none stood there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub accepts_rules: Option<u32>,
    /// Whether it is asked for before the press, for `prepare`: then whoever has yet to accept the ground
    /// rules is given one too, and accepts them with `enter`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[ts(optional, as = "Option<bool>")]
    pub prepares: bool,
}

/// Answers [`TicketRequest`].
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct TicketGranted {
    /// Single use.
    pub ticket: String,
    /// How long it may be used, milliseconds.
    pub expires_in_ms: u32,
    /// A way round networks that let media through by no other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub relay: Option<RelayAccess>,
}

/// Credentials of the relay (TURN, RFC 8656), for the session that the ticket leads to: they end
/// with it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct RelayAccess {
    /// Where the relay is (RFC 7065).
    pub urls: Vec<String>,
    /// The user name.
    pub username: String,
    /// The password.
    pub credential: String,
}

/// Answers `POST /api/v1/links/{id}/network` with a [`LinkRequest`]: what a page tries the way to
/// the media server with (SCR-1). Nobody is admitted with it, and no ticket has been asked for.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct NetworkTest {
    /// The relay is at the media server's own address: whoever can allocate there reaches it. The
    /// credentials are good for 90 s. Absent where there is no relay.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub relay: Option<RelayAccess>,
}

/// `POST /api/v1/links/{id}/changes`: waits until something that this link shows has changed, for
/// at most 25 s. A moment that changes it by itself, such as that from which an appointment can be
/// joined, counts as a change when it has come by the server's clock. It changes nothing.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct ChangesRequest {
    /// The secret from the URL's fragment.
    pub secret: String,
    /// What was `seen` last.
    pub seen: String,
}

/// Answers [`ChangesRequest`].
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Changes {
    /// Nothing changed; ask again.
    Nothing {
        /// For the next question.
        seen: String,
    },
    /// Something did: look again.
    Changed {
        /// For the next question.
        seen: String,
    },
    /// The link is dead for ever: "Your invitation has been withdrawn."
    Withdrawn {},
}

/// `POST /api/v1/lost-link`: "Send me my link again" (EVE-18). The answer is the same whether
/// anybody has that address or not.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct LostLinkRequest {
    /// The address that links were sent to.
    #[schema(format = "address")]
    pub email: String,
}
