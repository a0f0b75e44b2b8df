//! The school and its evenings, as the office sets them up (EVE-1).

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use super::parent::Booking;

/// Whom people ask for help: "Still need help? Contact Us" (OPS-6). An empty field is not shown.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct Contact {
    /// An e-mail address.
    #[schema(format = "address")]
    pub email: String,
    /// A telephone number as people read it.
    #[schema(format = "name")]
    pub phone: String,
}

/// `GET /api/v1/school`, for anybody.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct SchoolView {
    /// Its name; empty until it is set up.
    pub name: String,
    /// Whether the first administrator exists.
    pub is_set_up: bool,
    /// Whom people ask for help.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub contact: Option<Contact>,
}

/// `GET` and `PUT /api/v1/school/settings`, for the office.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct SchoolSettings {
    /// Its name.
    #[schema(format = "name")]
    pub name: String,
    /// Whom people ask for help.
    pub contact: Contact,
    /// The IANA time zone that new evenings begin with.
    #[schema(format = "zone")]
    pub time_zone: String,
    /// Whether parents may invite other parents of their children (DIR-6); without it, that stays as it
    /// is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub parents_invite: Option<ParentsInvite>,
    /// Whether whoever has not registered is reminded, twice and by day (DIR-5); without it, that stays
    /// as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub reminds: Option<bool>,
    /// For how many days after an evening its personal data is kept (DIR-10).
    #[schema(format = "retention-days")]
    pub retention_days: u32,
    /// Another with each change; sent back, as `ClassDraft.version` is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    #[schema(max_length = 64)]
    pub version: Option<String>,
}

/// Whether parents may invite other parents of their children.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ParentsInvite {
    /// The school alone does.
    Never,
    /// They may, and the office approves each.
    Approved,
    /// They may; the office is asked of those whom a court order may concern.
    Always,
}

/// `POST /api/v1/evenings` and `PUT /api/v1/evenings/{evening}`. Answered with [`Evening`].
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct EveningDraft {
    /// Its name.
    #[schema(format = "name")]
    pub name: String,
    /// Its day, `2026-11-19`.
    #[schema(max_length = 10)]
    pub date: String,
    /// An IANA time zone, `Europe/London`.
    #[schema(format = "zone")]
    pub time_zone: String,
    /// When it begins by the clocks of that zone, `16:00`.
    #[schema(max_length = 5)]
    pub starts: String,
    /// When it ends by the clocks of that zone, `19:30`.
    #[schema(max_length = 5)]
    pub ends: String,
    /// The length of an appointment, in minutes.
    #[schema(format = "slot-minutes")]
    pub slot_minutes: u32,
    /// The pause between two appointments, in minutes.
    #[schema(format = "gap-minutes")]
    pub gap_minutes: u32,
    /// When booking closes by itself, RFC 3339; absent: when the evening begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    #[schema(format = DateTime)]
    pub booking_closes: Option<String>,
    /// The classes whose teachers can be met; absent: all of them, also those that are added later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    #[schema(max_items = 2000)]
    pub classes: Option<Vec<String>>,
    /// Which version this is, in answers; in a request the one that the form began with: where that is
    /// no longer what is kept, nothing changes. Without it what is kept is written over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    #[schema(max_length = 64)]
    pub version: Option<String>,
}

/// One evening of `GET /api/v1/evenings`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct Evening {
    /// Names it in requests.
    pub id: String,
    /// What was set.
    pub set: EveningDraft,
    /// When it begins.
    #[schema(format = DateTime)]
    pub starts: String,
    /// When it ends.
    #[schema(format = DateTime)]
    pub ends: String,
    /// Whether parents may book now.
    pub booking: Booking,
    /// Where the school has cancelled it, what it says of that; may be empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub cancelled: Option<String>,
    /// How many appointments are booked.
    pub booked: u32,
    /// How many confirmations have been sent or wait to be sent.
    pub confirmations: u32,
    /// In the answer to a press that opened or closed booking and told the parents: whom.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub told: Option<Queued>,
}

/// `GET /api/v1/evenings`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct Evenings {
    /// The newest first.
    pub evenings: Vec<Evening>,
}

/// `PUT /api/v1/evenings/{evening}/booking`: opens or closes booking. Answered with [`Evening`].
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct BookingDoor {
    /// Open it, or close it.
    pub open: bool,
    /// When it is to close by itself, RFC 3339, where that is to be another moment than before: one
    /// that has passed opens nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    #[schema(format = DateTime)]
    pub closes: Option<String>,
    /// Whether parents are told, where it is news: that it is open all of them, each with their link
    /// to book by; that it has closed whoever has booked or has a link.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[ts(optional, as = "Option<bool>")]
    pub tells: bool,
    /// 128 random bits, 32 lowercase hexadecimal digits: a retry with the same does nothing, and is
    /// answered alike.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    #[schema(format = "attempt")]
    pub attempt: Option<String>,
}

/// Answers `POST /api/v1/evenings/{evening}/confirmations` and `…/teacher-links`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct Queued {
    /// How many e-mails are on their way now.
    pub queued: u32,
    /// How many people have no e-mail address.
    pub without_address: u32,
}
