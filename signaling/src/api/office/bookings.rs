//! A parent's appointments, as the office books, moves and cancels them: whether booking is open
//! to parents or not (EVE-2).

use axum::Json;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use school::{ContactId, Evening, Name};
use wire::http::office::{OfficeBookRequest, OfficeMoveRequest};
use wire::http::parent::{BookingView, ParentView, SlotsView};

use super::super::ask::{self, Shared};
use super::super::booking::{Family, Wished};
use super::super::extract::Path;
use super::super::refused::Refused;
use super::Office;
use crate::house::House;

/// A parent in an evening, and who of the office is at work.
struct Parent {
    office: Office,
    evening: Evening,
    contact: ContactId,
    name: Name,
}

impl Parent {
    async fn of(office: Office, evening: &str, contact: &str) -> Result<Self, Refused> {
        let evening = office.store.evening(ask::id(evening)?).await?;
        let contact = ask::id(contact)?;
        let person = office.store.contact(contact).await?;
        Ok(Self {
            evening,
            contact,
            name: person.about.name,
            office,
        })
    }

    fn family<'h>(&'h self, house: &'h House) -> Family<'h> {
        Family {
            house,
            store: &self.office.store,
            parent: self.contact,
            evening: &self.evening,
            actor: self.office.actor(),
            window: self.office.window,
            now: self.office.now,
        }
    }
}

/// `GET /api/v1/evenings/{evening}/parents/{contact}`: what the parent sees, and may be booked.
pub(crate) async fn page(
    State(house): State<Shared>,
    Path((evening, contact)): Path<(String, String)>,
    request: Request,
) -> Result<Json<ParentView>, Refused> {
    let office = super::enter(&house, &request).await?;
    let parent = Parent::of(office, &evening, &contact).await?;
    let family = parent.family(&house);
    family.view(&parent.name, None).await.map(Json)
}

/// `GET /api/v1/evenings/{evening}/parents/{contact}/slots`: when each class may be booked.
pub(crate) async fn slots(
    State(house): State<Shared>,
    Path((evening, contact)): Path<(String, String)>,
    request: Request,
) -> Result<Json<SlotsView>, Refused> {
    let office = super::enter(&house, &request).await?;
    let parent = Parent::of(office, &evening, &contact).await?;
    parent.family(&house).slots().await.map(Json)
}

/// `POST /api/v1/evenings/{evening}/parents/{contact}/bookings`.
pub(crate) async fn book(
    State(house): State<Shared>,
    Path((evening, contact)): Path<(String, String)>,
    request: Request,
) -> Result<Json<BookingView>, Refused> {
    let office = super::enter(&house, &request).await?;
    let asked: OfficeBookRequest = ask::read(request).await?;
    let parent = Parent::of(office, &evening, &contact).await?;
    let wished = Wished {
        student: &asked.student,
        class: &asked.class,
        starts: &asked.starts,
        note: &asked.note,
    };
    let attempt = ask::attempt(&asked.attempt)?;
    parent.family(&house).book(wished, attempt).await.map(Json)
}

/// `POST /api/v1/evenings/{evening}/parents/{contact}/bookings/{booking}/move`.
pub(crate) async fn move_booking(
    State(house): State<Shared>,
    Path((evening, contact, booking)): Path<(String, String, String)>,
    request: Request,
) -> Result<Json<BookingView>, Refused> {
    let office = super::enter(&house, &request).await?;
    let asked: OfficeMoveRequest = ask::read(request).await?;
    let parent = Parent::of(office, &evening, &contact).await?;
    parent
        .family(&house)
        .move_to(&booking, &asked.starts)
        .await
        .map(Json)
}

/// `DELETE /api/v1/evenings/{evening}/parents/{contact}/bookings/{booking}`: cancels it.
pub(crate) async fn cancel(
    State(house): State<Shared>,
    Path((evening, contact, booking)): Path<(String, String, String)>,
    request: Request,
) -> Result<StatusCode, Refused> {
    let office = super::enter(&house, &request).await?;
    let parent = Parent::of(office, &evening, &contact).await?;
    parent.family(&house).cancel(&booking).await?;
    Ok(StatusCode::NO_CONTENT)
}
