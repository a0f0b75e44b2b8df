//! The bodies of the HTTP API under `/api/v1`, described in `HTTP.md`. Every answer carries
//! `Cache-Control: no-store`.
//!
//! Instants are RFC 3339 in UTC (`2026-11-19T16:00:00Z`), ids are opaque texts, and an absent
//! optional field means the same as `null`. Every enum in an answer is open: a later server may send
//! members that are not listed here.

pub mod account;
pub mod alike;
pub mod areas;
pub mod face;
pub mod guests;
pub mod link;
pub mod office;
pub mod openid;
pub mod parent;
pub mod passkey;
pub mod people;
pub mod problem;
pub mod rooms;
pub mod school;
pub mod second_factor;
pub mod session;
pub mod system;
pub mod teacher;

pub use link::{
    Appointment, Changes, ChangesRequest, EveningView, LinkRequest, LinkView, LostLinkRequest,
    NetworkTest, Other, RelayAccess, TicketGranted, TicketRequest,
};
pub use problem::{FieldCode, FieldError, Problem, ProblemCode};
