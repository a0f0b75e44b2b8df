//! A teacher's evening, by link or for the office.

use serde::{Deserialize, Serialize};
use ts_rs::TS;
use utoipa::ToSchema;

use super::link::{Appointment, EveningView};
use super::school::Contact;
use crate::message::Role;

/// Answers `POST /api/v1/links/{id}/teacher` (asked with `LinkRequest`) and
/// `GET /api/v1/evenings/{evening}/teachers/{teacher}`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct TeacherView {
    /// The teacher's name.
    pub name: String,
    /// The evening.
    pub evening: EveningView,
    /// Their appointments, in order of time.
    pub appointments: Vec<TeacherAppointment>,
    /// The id of the one of now, else of the next; absent when all are over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub next: Option<String>,
    /// For how long the one of now waits for this teacher, and nobody of the school has come to it yet,
    /// milliseconds; absent where none does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub late_ms: Option<u32>,
    /// Whom to ask for help (OPS-6).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub contact: Option<Contact>,
    /// For `POST /api/v1/links/{id}/changes`.
    pub seen: String,
}

/// One appointment of a teacher.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct TeacherAppointment {
    /// What everybody sees of it.
    pub appointment: Appointment,
    /// Who booked it.
    pub parent: String,
    /// The guest, where one is invited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub guest: Option<String>,
    /// The parent's note; empty where there is none.
    pub note: String,
    /// What those who take it wrote down for themselves; absent where there is nothing, and for everybody
    /// else, the office too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub own_note: Option<String>,
    /// Who is in the call now, waits for it, or says that they are here.
    pub present: Vec<Present>,
}

/// Somebody in a call or waiting for it.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
pub struct Present {
    /// Their name.
    pub name: String,
    /// Their role.
    pub role: Role,
    /// Whether they hold a seat or wait for one.
    pub state: Presence,
}

/// How somebody is there.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, TS, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    /// They hold a seat.
    Seated,
    /// They hold a seat, and their connection is lost.
    Reconnecting,
    /// They wait for a seat.
    Waiting,
    /// They have not joined, and say that they are here.
    Here,
}
