//! A parent's appointments, as the office books, moves and cancels them: whether booking is open
//! to parents or not (EVE-2).

use axum::Json;
use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use school::{BookingId, ContactId, Evening, EveningId, Name, Right};
use wire::http::office::{OfficeBookRequest, OfficeMoveRequest};
use wire::http::parent::{BookingView, ParentView, SlotsView};

use super::super::ask::{self, Shared};
use super::super::booking::{Family, Wished};
use super::super::extract::{Body, Path};
use super::super::refused::Refused;
use super::Office;

/// A parent in an evening, and who of the office is at work.
pub(crate) struct Parent {
    office: Office,
    evening: Evening,
    contact: ContactId,
    name: Name,
}

impl FromRequestParts<Shared> for Parent {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, house: &Shared) -> Result<Self, Refused> {
        let office = Office::from_request_parts(parts, house).await?;
        let named = Path::from_request_parts(parts, house).await?;
        let Path((evening, contact)): Path<(EveningId, ContactId)> = named;
        let evening = office.store.evening(evening).await?;
        let person = office.store.contact(contact).await?;
        Ok(Self {
            evening,
            contact,
            name: person.about.name,
            office,
        })
    }
}

impl Parent {
    fn family(&self) -> Family<'_> {
        Family {
            house: &self.office.house,
            store: &self.office.store,
            parent: self.contact,
            evening: &self.evening,
            actor: self.office.actor(),
            now: self.office.now,
        }
    }
}

/// `GET /api/v1/evenings/{evening}/parents/{contact}`: what the parent sees, and may be booked. Whom they invited is for those
/// alone who do the school's work.
pub(crate) async fn page(parent: Parent) -> Result<Json<ParentView>, Refused> {
    let mut view = parent.family().view(&parent.name, None).await?;
    if !parent.office.who.standing.may(Right::Run, None) {
        view.invitations.sent.clear();
        view.invitations.left.clear();
        view.invitations.declined.clear();
    }
    Ok(Json(view))
}

/// `GET /api/v1/evenings/{evening}/parents/{contact}/slots`: when each class may be booked.
pub(crate) async fn slots(parent: Parent) -> Result<Json<SlotsView>, Refused> {
    parent.family().slots().await.map(Json)
}

/// `POST /api/v1/evenings/{evening}/parents/{contact}/bookings`.
pub(crate) async fn book(
    parent: Parent,
    Body(asked): Body<OfficeBookRequest>,
) -> Result<Json<BookingView>, Refused> {
    let wished = Wished {
        student: &asked.student,
        class: &asked.class,
        starts: &asked.starts,
        note: &asked.note,
    };
    let attempt = ask::attempt(&asked.attempt)?;
    parent.family().book(wished, attempt).await.map(Json)
}

/// `POST /api/v1/evenings/{evening}/parents/{contact}/bookings/{booking}/move`.
pub(crate) async fn move_booking(
    parent: Parent,
    Path((_, _, booking)): Path<(EveningId, ContactId, BookingId)>,
    Body(asked): Body<OfficeMoveRequest>,
) -> Result<Json<BookingView>, Refused> {
    parent
        .family()
        .move_to(booking, &asked.starts)
        .await
        .map(Json)
}

/// `DELETE /api/v1/evenings/{evening}/parents/{contact}/bookings/{booking}`: cancels it.
pub(crate) async fn cancel(
    parent: Parent,
    Path((_, _, booking)): Path<(EveningId, ContactId, BookingId)>,
) -> Result<StatusCode, Refused> {
    parent.family().cancel(booking).await?;
    Ok(StatusCode::NO_CONTENT)
}
