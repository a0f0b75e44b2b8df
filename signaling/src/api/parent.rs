//! What a parent sees and books with their link (EVE-2, EVE-4).

use axum::Json;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use school::timetable::Window;
use school::{Note, Refusal};
use store::{Actor, AutomaticRequest, Holder};
use wire::http::LinkRequest;
use wire::http::parent::{
    AutoBookRequest, AutoBooked, BookRequest, BookingView, MoveRequest, NoteRequest, ParentView,
    SlotsView, Unmet,
};

use super::ask::{self, Count, Parent, Shared};
use super::booking::{Family, Wished};
use super::extract::Path;
use super::refused::Refused;
use crate::house::House;

/// A parent books for themselves.
fn family<'h>(house: &'h House, parent: &'h Parent) -> Family<'h> {
    Family {
        house,
        store: &parent.store,
        parent: parent.contact,
        evening: &parent.held.evening,
        actor: Actor::Parent(parent.contact),
        window: parent.window,
        now: parent.now,
    }
}

/// `POST /api/v1/links/{id}/parent`: the parent's page.
pub(crate) async fn page(
    State(house): State<Shared>,
    Path(id): Path<String>,
    request: Request,
) -> Result<Json<ParentView>, Refused> {
    let (parent, _): (_, LinkRequest) = ask::parent(&house, &id, request, Count::Request).await?;
    family(&house, &parent)
        .view(&parent.held.name, Some(parent.link()))
        .await
        .map(Json)
}

/// `POST /api/v1/links/{id}/slots`: when each class may be booked.
pub(crate) async fn slots(
    State(house): State<Shared>,
    Path(id): Path<String>,
    request: Request,
) -> Result<Json<SlotsView>, Refused> {
    let (parent, _): (_, LinkRequest) = ask::parent(&house, &id, request, Count::Request).await?;
    family(&house, &parent).slots().await.map(Json)
}

/// `POST /api/v1/links/{id}/bookings`: books one slot.
pub(crate) async fn book(
    State(house): State<Shared>,
    Path(id): Path<String>,
    request: Request,
) -> Result<Json<BookingView>, Refused> {
    let (parent, asked): (_, BookRequest) =
        ask::parent(&house, &id, request, Count::Change).await?;
    let wished = Wished {
        student: &asked.student,
        class: &asked.class,
        starts: &asked.starts,
        note: &asked.note,
    };
    let attempt = ask::attempt(&asked.attempt)?;
    family(&house, &parent)
        .book(wished, attempt)
        .await
        .map(Json)
}

/// `POST /api/v1/links/{id}/bookings/automatic`: books what can be booked without a clash.
pub(crate) async fn book_automatically(
    State(house): State<Shared>,
    Path(id): Path<String>,
    request: Request,
) -> Result<Json<AutoBooked>, Refused> {
    let (parent, asked): (_, AutoBookRequest) =
        ask::parent(&house, &id, request, Count::Change).await?;
    let family = family(&house, &parent);
    let limit = |text: &Option<String>, otherwise| match text {
        Some(text) => ask::moment(text),
        None => Ok(otherwise),
    };
    let wishes = AutomaticRequest {
        classes: asked
            .wishes
            .iter()
            .map(|wish| Ok((ask::id(&wish.student)?, ask::id(&wish.class)?)))
            .collect::<Result<Vec<_>, Refused>>()?,
        window: Window {
            from: limit(&asked.from, Window::ALWAYS.from)?,
            until: limit(&asked.until, Window::ALWAYS.until)?,
        },
    };
    let plan = parent
        .store
        .book_automatically(
            parent.contact,
            parent.held.evening.id,
            &wishes,
            Some(ask::attempt(&asked.attempt)?),
            Actor::Parent(parent.contact),
            parent.now,
        )
        .await?;
    for booked in &plan.booked {
        family.told(booked.id).await?;
    }
    Ok(Json(AutoBooked {
        booked: plan.booked.iter().map(|one| family.show(one)).collect(),
        unmet: plan
            .unmet
            .iter()
            .map(|(student, class, refusal)| Unmet {
                student: student.to_string(),
                class: class.to_string(),
                reason: refusal.to_string(),
            })
            .collect(),
    }))
}

/// `POST /api/v1/links/{id}/bookings/{booking}/move`: to another slot; its call stays the same.
pub(crate) async fn move_booking(
    State(house): State<Shared>,
    Path((id, booking)): Path<(String, String)>,
    request: Request,
) -> Result<Json<BookingView>, Refused> {
    let (parent, asked): (_, MoveRequest) =
        ask::parent(&house, &id, request, Count::Change).await?;
    family(&house, &parent)
        .move_to(&booking, &asked.starts)
        .await
        .map(Json)
}

/// `POST /api/v1/links/{id}/bookings/{booking}/cancel`.
pub(crate) async fn cancel(
    State(house): State<Shared>,
    Path((id, booking)): Path<(String, String)>,
    request: Request,
) -> Result<StatusCode, Refused> {
    let (parent, _): (_, LinkRequest) = ask::parent(&house, &id, request, Count::Change).await?;
    family(&house, &parent).cancel(&booking).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /api/v1/links/{id}/bookings/{booking}/note`: a word to the teachers.
pub(crate) async fn note(
    State(house): State<Shared>,
    Path((id, booking)): Path<(String, String)>,
    request: Request,
) -> Result<Json<BookingView>, Refused> {
    let (parent, asked): (_, NoteRequest) =
        ask::parent(&house, &id, request, Count::Change).await?;
    let family = family(&house, &parent);
    let booking = family.own(&booking).await?;
    let note = Note::read(&asked.note)?;
    parent
        .store
        .change_note(parent.contact, booking, &note, parent.now)
        .await?;
    family.told(booking).await?;
    let call = parent.store.call(booking).await?;
    let booked = call.ok_or(Refusal::NotFound)?.appointment;
    Ok(Json(family.show(&booked)))
}

/// `POST /api/v1/links/{id}/confirmation`: the confirmation e-mail once more.
pub(crate) async fn confirmation(
    State(house): State<Shared>,
    Path(id): Path<String>,
    request: Request,
) -> Result<StatusCode, Refused> {
    let (parent, _): (_, LinkRequest) = ask::parent(&house, &id, request, Count::Request).await?;
    let evening = parent.held.evening.id;
    let has_address = parent
        .store
        .resend_link(
            evening,
            Holder::Parent(parent.contact),
            Actor::Parent(parent.contact),
            parent.now,
        )
        .await?;
    house.wake_post();
    if has_address {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(Refused::Rule(Refusal::EmailMissing))
    }
}
