//! What a handler's signature may ask for beside who asks. Each is refused as everything else is, in
//! the order in which they stand there.

use std::str::FromStr;

use axum::extract::{FromRequest, FromRequestParts, RawPathParams, Request};
use axum::http::HeaderMap;
use axum::http::request::Parts;
use jiff::Timestamp;
use school::import::LARGEST_FILE;
use school::{
    AreaId, BookingId, ClassId, ContactId, EveningId, HolderId, InvitationId, MeetingId, PasskeyId,
    Refusal, RoomId, StaffId, StopId, StudentId, TeacherId, VisitorId,
};
use serde::de::DeserializeOwned;

use super::ask::{self, Shared};
use super::refused::Refused;
use crate::limits::Source;

/// The ids that stand in the path: one that is none is unknown.
pub(crate) struct Path<T>(pub(crate) T);

/// What stands in the query.
pub(crate) struct Query<T>(pub(crate) T);

/// The body, as JSON.
pub(crate) struct Body<T>(pub(crate) T);

/// The body, as a file of text, or as several in a zip file.
pub(crate) struct Sheet(pub(crate) bytes::Bytes);

/// The body, as a picture.
pub(crate) struct Image(pub(crate) bytes::Bytes);

/// Anybody, from a page of ours or from no page: they are counted by what they ask for.
pub(crate) struct Anybody {
    pub(crate) house: Shared,
    pub(crate) source: Source,
    pub(crate) headers: HeaderMap,
    pub(crate) now: Timestamp,
}

/// An id of ours.
pub(crate) trait Id: FromStr + Send {}

macro_rules! ids {
    ($($id:ty),+) => { $(impl Id for $id {})+ };
}

ids!(
    AreaId,
    BookingId,
    ClassId,
    ContactId,
    EveningId,
    HolderId,
    InvitationId,
    MeetingId,
    PasskeyId,
    RoomId,
    StaffId,
    StopId,
    StudentId,
    TeacherId,
    VisitorId
);

/// What a path may name, in order.
pub(crate) trait Named: Sized + Send {
    fn read(parts: &[&str]) -> Option<Self>;
}

impl Named for () {
    fn read(_: &[&str]) -> Option<Self> {
        Some(())
    }
}

impl<A: Id> Named for A {
    fn read(parts: &[&str]) -> Option<Self> {
        parts.first()?.parse().ok()
    }
}

impl<A: Id, B: Id> Named for (A, B) {
    fn read(parts: &[&str]) -> Option<Self> {
        match parts {
            [a, b, ..] => Some((a.parse().ok()?, b.parse().ok()?)),
            _ => None,
        }
    }
}

impl<A: Id, B: Id, C: Id> Named for (A, B, C) {
    fn read(parts: &[&str]) -> Option<Self> {
        match parts {
            [a, b, c, ..] => Some((a.parse().ok()?, b.parse().ok()?, c.parse().ok()?)),
            _ => None,
        }
    }
}

/// The parts of a path that are not fixed, as they stand there.
pub(super) async fn named(parts: &mut Parts) -> Result<RawPathParams, Refused> {
    RawPathParams::from_request_parts(parts, &())
        .await
        .map_err(|_unreadable| Refused::BadRequest)
}

impl<T: Named> FromRequestParts<Shared> for Path<T> {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, _: &Shared) -> Result<Self, Refused> {
        let all = named(parts).await?;
        let all: Vec<&str> = all.iter().map(|(_, part)| part).collect();
        let found = T::read(&all);
        found.map(Self).ok_or(Refused::Rule(Refusal::NotFound))
    }
}

impl<T: DeserializeOwned> FromRequestParts<Shared> for Query<T> {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, house: &Shared) -> Result<Self, Refused> {
        axum::extract::Query::from_request_parts(parts, house)
            .await
            .map(|axum::extract::Query(it)| Self(it))
            .map_err(|_unreadable| Refused::BadRequest)
    }
}

impl<T: DeserializeOwned> FromRequest<Shared> for Body<T> {
    type Rejection = Refused;

    async fn from_request(request: Request, _: &Shared) -> Result<Self, Refused> {
        let (parts, body) = request.into_parts();
        ask::read(&parts.headers, body).await.map(Self)
    }
}

impl FromRequest<Shared> for Sheet {
    type Rejection = Refused;

    async fn from_request(request: Request, _: &Shared) -> Result<Self, Refused> {
        let (parts, body) = request.into_parts();
        let kinds = ["text/csv", "application/zip"];
        if !kinds.iter().any(|it| ask::is_kind(&parts.headers, it)) {
            return Err(Refused::BadRequest);
        }
        ask::body(body, LARGEST_FILE).await.map(Self)
    }
}

impl FromRequest<Shared> for Image {
    type Rejection = Refused;

    async fn from_request(request: Request, _: &Shared) -> Result<Self, Refused> {
        let (parts, body) = request.into_parts();
        let kinds = ["image/png", "image/jpeg", "image/webp"];
        if !kinds.iter().any(|it| ask::is_kind(&parts.headers, it)) {
            return Err(Refused::BadRequest);
        }
        ask::body(body, school::logo::LARGEST).await.map(Self)
    }
}

impl FromRequestParts<Shared> for Anybody {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, house: &Shared) -> Result<Self, Refused> {
        let source = ask::admitted(house, parts)?.source();
        Ok(Self {
            house: Shared::clone(house),
            source,
            headers: parts.headers.clone(),
            now: ambient::now(),
        })
    }
}
