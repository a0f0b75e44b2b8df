//! Meeting rooms: what the office makes of them, and what the staff see.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use super::account::Hat;
use super::areas::{OpenHours, OtherArea, StaffArea};
use super::session::StaffRole;

/// A member of the staff, as the office sees them.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct Member {
    /// Their id.
    pub id: String,
    /// Their name.
    pub name: String,
    /// The address they sign in with.
    pub email: String,
    /// What they are in the school.
    pub role: StaffRole,
    /// Whether they have chosen a password, or were signed in by the school's provider.
    pub can_sign_in: bool,
    /// Whether that provider has signed them in, and does so from then on by what it calls them for good.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[ts(optional, as = "Option<bool>")]
    pub identified: bool,
    /// Whether they sign in with a second factor.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[ts(optional, as = "Option<bool>")]
    pub second_factor: bool,
}

/// Answers `GET /api/v1/members`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct Members {
    /// Everybody of the staff who may sign in, by name.
    pub members: Vec<Member>,
    /// Who signed in once and does no longer, by name: they are erased after the school's period.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<FormerMember>>")]
    pub left: Vec<FormerMember>,
}

/// Somebody of the staff who has left.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct FormerMember {
    /// Their id.
    pub id: String,
    /// Their name.
    pub name: String,
    /// The address they signed in with.
    pub email: String,
    /// Since when they sign in no longer.
    #[schema(format = DateTime)]
    pub left: String,
}

/// `POST /api/v1/members`: an account for somebody of the staff.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct MemberDraft {
    /// Their name.
    #[schema(format = "name")]
    pub name: String,
    /// The address they sign in with.
    #[schema(format = "address")]
    pub email: String,
    /// What they are to be in the school; a member where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub role: Option<StaffRole>,
}

/// `PUT /api/v1/members/{member}/role`: makes somebody of the staff something else.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct RoleDraft {
    /// What they are to be in the school.
    pub role: StaffRole,
}

/// `PUT /api/v1/evenings/{evening}/managers`, and its answer, and that of GET: who manages an evening.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct EveningManagers {
    /// The ids of those of the staff who do.
    #[schema(max_items = 100)]
    pub members: Vec<String>,
    /// In an answer, another with each change; in a request, the one that the form began with, as that of a
    /// class.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    #[schema(max_length = 64)]
    pub version: Option<String>,
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
    /// When guests may come by its link; always where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub hours: Option<OpenHours>,
    /// What guests enter besides their name; nothing where nothing is said.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<RoomField>>")]
    pub asks: Vec<RoomField>,
    /// After how many minutes a call in it ends, from when somebody comes until nobody is there: 5 to 720;
    /// no call does where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub limit: Option<u16>,
    /// The `version` that the form began with, as that of a class.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    #[schema(max_length = 64)]
    pub version: Option<String>,
}

/// What guests of a room enter besides their name.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RoomField {
    /// Their e-mail address.
    Email,
    /// Their mobile number.
    Mobile,
    /// Why they come.
    Reason,
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
    /// When guests may come by its link; always where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub hours: Option<OpenHours>,
    /// What guests enter besides their name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<RoomField>>")]
    pub asks: Vec<RoomField>,
    /// After how many minutes a call in it ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub limit: Option<u16>,
    /// Whether it is closed: its links open nothing.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[ts(optional, as = "Option<bool>")]
    pub closed: bool,
    /// Its link, by which guests come.
    #[schema(format = "uri")]
    pub url: String,
    /// Another with each change of what its form shows.
    pub version: String,
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
    /// The evenings to come at which they take appointments, the next first: those of the teacher who has
    /// their address and was sent a link.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<StaffEvening>>")]
    pub evenings: Vec<StaffEvening>,
    /// How it stands with one sign-in for the staff and for a parent's account: not there where neither
    /// may be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub hat: Option<Hat>,
    /// For `POST /api/v1/staff/changes`: what was current when this was answered.
    pub seen: String,
}

/// An evening at which who has signed in takes appointments.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct StaffEvening {
    /// What it is called.
    pub name: String,
    /// When it begins.
    #[schema(format = DateTime)]
    pub starts: String,
    /// Its time zone, in which its times are shown.
    pub time_zone: String,
    /// Their link to it.
    #[schema(format = "uri")]
    pub url: String,
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
    /// The guests who came by its link and whose day is not over, in the order of their coming; not those
    /// who were invited.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<RoomGuest>>")]
    pub guests: Vec<RoomGuest>,
}

/// A guest who came by a room's link, as its members see them.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct RoomGuest {
    /// Their name.
    pub name: String,
    /// When they came.
    #[schema(format = DateTime)]
    pub came: String,
    /// The e-mail address they entered, where the room asks for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub email: Option<String>,
    /// The mobile number they entered, where the room asks for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub mobile: Option<String>,
    /// Why they came, where the room asks; may be empty.
    pub reason: String,
}

/// `POST /api/v1/visits/search`: guests of meeting rooms and calls, and callers of waiting areas, by name.
/// Answered with [`Visits`].
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct VisitSearch {
    /// A part of the name; empty finds everybody.
    #[serde(default)]
    #[schema(max_length = 200)]
    #[ts(optional, as = "Option<String>")]
    pub search: String,
}

/// Answers [`VisitSearch`].
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct Visits {
    /// At most 100, the newest first.
    pub visits: Vec<CameBy>,
}

/// Somebody who came to a room or a waiting area, or was invited to a call.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct CameBy {
    /// Names them in requests.
    pub id: String,
    /// Their name.
    pub name: String,
    /// The room, waiting area or evening.
    pub place: String,
    /// When they came, or were invited.
    #[schema(format = DateTime)]
    pub came: String,
}
