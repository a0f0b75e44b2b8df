//! Meeting rooms: what the office makes of them, and what the staff see.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use super::areas::{OtherArea, StaffArea};

/// A member of the staff, as the office sees them.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct Member {
    /// Their id.
    pub id: String,
    /// Their name.
    pub name: String,
    /// The address they sign in with.
    pub email: String,
    /// Whether they work in the office.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[ts(optional, as = "Option<bool>")]
    pub office: bool,
    /// Whether they have chosen a password.
    pub can_sign_in: bool,
}

/// Answers `GET /api/v1/members`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct Members {
    /// Everybody of the staff who may sign in, by name.
    pub members: Vec<Member>,
}

/// `POST /api/v1/members`: an account for somebody of the staff who does not work in the office.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct MemberDraft {
    /// Their name.
    #[schema(format = "name")]
    pub name: String,
    /// The address they sign in with.
    #[schema(format = "address")]
    pub email: String,
}

/// `POST /api/v1/rooms` and `PUT /api/v1/rooms/{room}` (ROOM-6).
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct RoomDraft {
    /// What it is called.
    #[schema(format = "name")]
    pub name: String,
    /// Whether guests knock and are let in by a member; else they come straight in.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[ts(optional, as = "Option<bool>")]
    pub kept: bool,
    /// The ids of those of the staff who belong to it: at least one.
    pub members: Vec<String>,
}

/// A meeting room, as the office sees it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct OfficeRoom {
    /// Its id.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// Whether guests knock and are let in by a member; else they come straight in.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[ts(optional, as = "Option<bool>")]
    pub kept: bool,
    /// The ids of those who belong to it.
    pub members: Vec<String>,
    /// Its link, by which guests come.
    #[schema(format = "uri")]
    pub url: String,
}

/// Answers `GET /api/v1/rooms`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct OfficeRooms {
    /// All rooms, by name.
    pub rooms: Vec<OfficeRoom>,
    /// How many text messages were sent in the last 24 hours, or wait: guests are invited by them.
    pub texts_sent: u32,
    /// How many are sent in 24 hours at most.
    pub texts_a_day: u32,
}

/// Answers `GET /api/v1/staff`: the start page of who has signed in (ROOM-7).
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct StaffHome {
    /// The rooms they belong to, by name (ROOM-1).
    pub rooms: Vec<StaffRoom>,
    /// The waiting areas that they take callers in, by name.
    pub areas: Vec<StaffArea>,
    /// The waiting areas that callers may come to now, by name, for those who may pass callers on.
    pub all_areas: Vec<OtherArea>,
    /// For `POST /api/v1/staff/changes`: what was current when this was answered.
    pub seen: String,
}

/// A meeting room, as a member sees it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct StaffRoom {
    /// Its id.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// Its link, by which guests come.
    #[schema(format = "uri")]
    pub url: String,
    /// Whether guests knock and are let in by a member; else they come straight in.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[ts(optional, as = "Option<bool>")]
    pub kept: bool,
    /// How many are in it now.
    pub here: u32,
}
