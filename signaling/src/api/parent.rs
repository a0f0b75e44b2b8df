//! What a parent sees and books with their link (EVE-2, EVE-4).

use axum::Json;
use axum::http::StatusCode;
use school::timetable::Window;
use school::{BookingId, Note, Refusal};
use store::{AutomaticRequest, Holder};
use wire::http::parent::{
    AutoBookRequest, AutoBooked, BookRequest, BookingView, MoveRequest, NoteRequest, ParentView,
    SlotsView, Unmet,
};

use super::ask;
use super::booking::{Family, Wished};
use super::by_link::{Changing, Parent};
use super::refused::Refused;

impl<T, P> Parent<T, P> {
    /// A parent books for themselves.
    fn family(&self) -> Family<'_> {
        Family {
            house: &self.house,
            store: &self.store,
            parent: self.contact,
            evening: &self.evening,
            actor: self.actor(),
            now: self.now,
        }
    }
}

/// `POST /api/v1/links/{id}/parent`: the parent's page.
pub(crate) async fn page(parent: Parent) -> Result<Json<ParentView>, Refused> {
    parent
        .family()
        .view(&parent.held.name, Some(parent.link()))
        .await
        .map(Json)
}

/// `POST /api/v1/links/{id}/slots`: when each class may be booked.
pub(crate) async fn slots(parent: Parent) -> Result<Json<SlotsView>, Refused> {
    parent.family().slots().await.map(Json)
}

/// `POST /api/v1/links/{id}/bookings`: books one slot.
pub(crate) async fn book(parent: Parent<BookRequest>) -> Result<Json<BookingView>, Refused> {
    let wished = Wished {
        student: &parent.asked.student,
        class: &parent.asked.class,
        starts: &parent.asked.starts,
        note: &parent.asked.note,
    };
    let attempt = ask::attempt(&parent.asked.attempt)?;
    parent.family().book(wished, attempt).await.map(Json)
}

/// `POST /api/v1/links/{id}/bookings/automatic`: books what can be booked without a clash.
pub(crate) async fn book_automatically(
    parent: Parent<AutoBookRequest>,
) -> Result<Json<AutoBooked>, Refused> {
    let family = parent.family();
    let limit = |text: &Option<String>, otherwise| match text {
        Some(text) => ask::moment(text),
        None => Ok(otherwise),
    };
    let wishes = AutomaticRequest {
        classes: parent
            .asked
            .wishes
            .iter()
            .map(|wish| Ok((ask::id(&wish.student)?, ask::id(&wish.class)?)))
            .collect::<Result<Vec<_>, Refused>>()?,
        window: Window {
            from: limit(&parent.asked.from, Window::ALWAYS.from)?,
            until: limit(&parent.asked.until, Window::ALWAYS.until)?,
        },
    };
    let plan = parent
        .store
        .book_automatically(
            parent.contact,
            parent.evening.id,
            &wishes,
            Some(ask::attempt(&parent.asked.attempt)?),
            parent.actor(),
            parent.now,
        )
        .await?;
    for booked in &plan.booked {
        family.told(booked.meeting).await?;
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
    parent: Parent<MoveRequest, BookingId>,
) -> Result<Json<BookingView>, Refused> {
    parent
        .family()
        .move_to(parent.path, &parent.asked.starts)
        .await
        .map(Json)
}

/// `POST /api/v1/links/{id}/bookings/{booking}/cancel`.
pub(crate) async fn cancel(parent: Parent<Changing, BookingId>) -> Result<StatusCode, Refused> {
    parent.family().cancel(parent.path).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /api/v1/links/{id}/bookings/{booking}/note`: a word to the teachers.
pub(crate) async fn note(
    parent: Parent<NoteRequest, BookingId>,
) -> Result<Json<BookingView>, Refused> {
    let family = parent.family();
    let mut booked = family.own(parent.path).await?;
    let note = Note::read(&parent.asked.note)?;
    parent
        .store
        .change_note(parent.contact, booked.id, &note, parent.now)
        .await?;
    family.told(booked.meeting).await?;
    booked.note = note;
    Ok(Json(family.show(&booked)))
}

/// `POST /api/v1/links/{id}/confirmation`: the confirmation e-mail once more.
pub(crate) async fn confirmation(parent: Parent) -> Result<StatusCode, Refused> {
    let evening = parent.evening.id;
    let has_address = parent
        .store
        .resend_link(
            evening,
            Holder::Parent(parent.contact),
            parent.actor(),
            parent.now,
        )
        .await?;
    parent.house.wake_post();
    if has_address {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(Refused::Rule(Refusal::EmailMissing))
    }
}
