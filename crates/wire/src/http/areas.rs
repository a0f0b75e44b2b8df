//! Waiting areas, as the office and their providers see them.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

/// `POST /api/v1/areas` and `PUT /api/v1/areas/{area}` (ROOM-6).
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct AreaDraft {
    /// What it is called.
    #[schema(format = "name")]
    pub name: String,
    /// What it is for, as callers read it; may be empty.
    #[schema(format = "note")]
    pub purpose: String,
    /// When it is open; always where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub hours: Option<OpenHours>,
    /// The ids of those of the staff who take callers in it: at least one.
    pub providers: Vec<String>,
    /// The `version` that the form began with, as that of a class.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    #[schema(max_length = 64)]
    pub version: Option<String>,
}

/// When a room or a waiting area is open, by the clock of the school.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct OpenHours {
    /// The days of the week: 1 for Monday, 7 for Sunday; at least one.
    pub days: Vec<u8>,
    /// From when, as `08:30`.
    pub opens: String,
    /// Until when, after `opens`.
    pub closes: String,
}

/// A waiting area, as the office sees it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct OfficeArea {
    /// Its id.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// What it is for, as callers read it; may be empty.
    pub purpose: String,
    /// When it is open; always where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub hours: Option<OpenHours>,
    /// The ids of those who take callers in it.
    pub providers: Vec<String>,
    /// Its link, by which callers come.
    #[schema(format = "uri")]
    pub url: String,
    /// Another with each change of what its form shows.
    pub version: String,
}

/// Answers `GET /api/v1/areas`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct OfficeAreas {
    /// All waiting areas, by name.
    pub areas: Vec<OfficeArea>,
}

/// A waiting area, as a provider sees it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct StaffArea {
    /// Its id.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// Its link, by which callers come.
    #[schema(format = "uri")]
    pub url: String,
    /// Whether who is signed in is in a call, of one of their areas, of a meeting room or of an appointment
    /// that they take, and has a seat there: they may add callers of this area to that call (WAIT-2), and begin
    /// no other.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[ts(optional, as = "Option<bool>")]
    pub in_call: bool,
    /// Who waits, and who was taken into a call that is not over or whose page is open, in order of their
    /// coming (WAIT-1).
    pub callers: Vec<AreaCaller>,
    /// By how many minutes who is signed in says that they run late.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub late_minutes: Option<u32>,
    /// Until when they say that they are away, by the clock of the school, as `10:30`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub away_until: Option<String>,
    /// What callers left to say who went, and nobody has set aside; the oldest first.
    pub left: Vec<LeftWords>,
}

/// What a caller left to say who went (WAIT-3).
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct LeftWords {
    /// Names the caller.
    pub id: String,
    /// Their name.
    pub name: String,
    /// Why they had come, in their words; may be empty.
    pub reason: String,
    /// What they left to say.
    pub words: String,
    /// When they went, an instant.
    pub at: String,
}

/// `POST /api/v1/staff/areas/{area}/state`: how it stands with who is signed in, for those who wait
/// (WAIT-1). One of the two; with neither, what was said before is taken back.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct ProviderSays {
    /// By how many minutes they run late: 1 to 240. It stands for 12 hours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub late_minutes: Option<u32>,
    /// Until when they are away, by the clock of the school, as `10:30`: the next time that it shows so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub away_until: Option<String>,
}

/// Somebody who came to a waiting area, as its providers see them.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct AreaCaller {
    /// Names them.
    pub id: String,
    /// Their name.
    pub name: String,
    /// Why they came, in their words; may be empty.
    pub reason: String,
    /// For how long they have waited, or waited until they were taken, milliseconds.
    pub waited_ms: u32,
    /// Where they are.
    pub state: CallerState,
    /// What a provider wrote to them last; may be empty.
    pub message: String,
    /// Who took them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub taken_by: Option<String>,
    /// Whether that was who is signed in: `take` gives them the same link again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[ts(optional, as = "Option<bool>")]
    pub mine: bool,
}

/// Where a caller is.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CallerState {
    /// They wait, and their page is open.
    Waiting,
    /// They keep their place, and their page is not open.
    Away,
    /// They were taken into a call, and have not come in yet.
    Called,
    /// They are in the call.
    InCall,
    /// They have come out of the call that they were taken into, and their page is open.
    Gone,
}

/// A waiting area that callers may be passed on to.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct OtherArea {
    /// Its id.
    pub id: String,
    /// What it is called.
    pub name: String,
}

/// `POST /api/v1/staff/areas/{area}/callers/{caller}/message`, and `POST /api/v1/staff/areas/{area}/message`
/// for everybody who waits there (WAIT-1).
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct MessageCaller {
    /// What the caller reads, in place of what was written before.
    #[schema(format = "note")]
    pub words: String,
}

/// `POST /api/v1/staff/areas/{area}/callers/{caller}/pass` (WAIT-4).
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct PassCaller {
    /// The id of the area in which they wait from now on.
    pub to: String,
}

/// `POST /api/v1/staff/areas/{area}/callers/{caller}/end` (WAIT-4), and `POST
/// /api/v1/staff/areas/{area}/end` for everybody who waits there.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct EndVisit {
    /// What the caller reads; may be empty.
    #[schema(format = "note")]
    pub word: String,
}

/// `POST /api/v1/staff/changes`: waits until something that the start page shows has changed, for at
/// most 25 s. It changes nothing.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct StaffChangesRequest {
    /// What was `seen` last.
    pub seen: String,
}
