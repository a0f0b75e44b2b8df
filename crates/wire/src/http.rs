//! The bodies of the HTTP requests around a link. Every answer carries `Cache-Control: no-store`.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::message::Role;

/// `POST /api/v1/links/{id}`: asks what a link is for. It changes nothing.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS)]
pub struct LinkRequest {
    /// The secret from the URL's fragment.
    pub secret: String,
}

/// Answers [`LinkRequest`].
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS)]
pub struct LinkView {
    /// Whose link it is.
    pub name: String,
    /// Their role.
    pub role: Role,
    /// The call it admits to.
    pub title: String,
    /// Who else may be there, by name and role.
    pub others: Vec<Other>,
    /// Whether a session of this link is live now, so that Join would end it.
    pub in_use: bool,
}

/// Somebody else entitled to the call.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS)]
pub struct Other {
    /// Their name.
    pub name: String,
    /// Their role.
    pub role: Role,
}

/// `POST /api/v1/links/{id}/tickets`: sent when the person presses Join, and never otherwise.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS)]
pub struct TicketRequest {
    /// The secret from the URL's fragment.
    pub secret: String,
    /// 128 random bits, 32 lowercase hexadecimal digits, chosen by the page for this press. A
    /// retry carries the same one and reaches the same session.
    pub attempt: String,
}

/// Answers [`TicketRequest`].
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS)]
pub struct TicketGranted {
    /// Single use.
    pub ticket: String,
    /// How long it may be used, milliseconds.
    pub expires_in_ms: u32,
}

/// Any refusal over HTTP (RFC 9457), as `application/problem+json`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, TS)]
pub struct Problem {
    /// Stable code.
    pub code: ProblemCode,
    /// A sentence a person understands.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// When to try again, milliseconds; for `too_many` and `swapped_too_often`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub retry_after_ms: Option<u32>,
}

/// The codes of [`Problem`].
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ProblemCode {
    /// 404: unknown, expired or withdrawn: one answer for all.
    NoSuchLink,
    /// 400: the body is not what is expected.
    BadRequest,
    /// 429: too many requests from this address or for this link.
    TooMany,
    /// 429: the link went back and forth between devices too often (SESS-3).
    SwappedTooOften,
    /// 503: the server cannot take another call now.
    Unavailable,
}
