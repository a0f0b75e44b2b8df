//! What a parent sees and books (EVE-2, EVE-4).

use axum::Json;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use school::timetable::Window;
use school::{BookingId, Evening, Note, Refusal};
use store::{Actor, AutomaticRequest, BookingRequest, Choice, Holder, ParentEvening};
use wire::http::LinkRequest;
use wire::http::parent::{
    AutoBookRequest, AutoBooked, BookRequest, BookingView, ClassSlots, ClassView, MoveRequest,
    NoteRequest, ParentView, SlotState, SlotView, SlotsView, StudentView, Unmet,
};

use super::ask::{self, Count, Parent, Shared};
use super::extract::Path;
use super::refused::Refused;
use super::{invitations, show};
use crate::house::House;
use crate::roster::Appointment;

/// `POST /api/v1/links/{id}/parent`: the parent's page.
pub(crate) async fn page(
    State(house): State<Shared>,
    Path(id): Path<String>,
    request: Request,
) -> Result<Json<ParentView>, Refused> {
    let (parent, _): (_, LinkRequest) = ask::parent(&house, &id, request, Count::Request).await?;
    let seen = house.news.seen(parent.link());
    let Parent {
        contact,
        held,
        store,
        window,
        now,
    } = &parent;
    let school = store.school().await?;
    let evening = store
        .parent_evening(*contact, held.evening.id, *now)
        .await?;
    let invitations = invitations::of(&parent).await?;
    Ok(Json(ParentView {
        name: held.name.reveal().to_owned(),
        evening: show::evening(&evening.evening, &school),
        booking: show::booking_phase(&evening.evening, *now),
        booking_opens: None,
        booking_closes: Some(evening.evening.closes().to_string()),
        students: students(&evening),
        bookings: evening
            .appointments
            .iter()
            .map(|one| show::booking(one, *window, *now))
            .collect(),
        invitations,
        contact: show::contact(&school),
        seen,
    }))
}

fn students(evening: &ParentEvening) -> Vec<StudentView> {
    let class = |choice: &Choice| ClassView {
        id: choice.class.to_string(),
        subject: choice.subject.as_str().to_owned(),
        teachers: choice
            .teachers
            .iter()
            .map(|(_, it)| show::name(it))
            .collect(),
        booked: choice.booked.map(|id| id.to_string()),
    };
    evening
        .students
        .iter()
        .map(|student| StudentView {
            id: student.id.to_string(),
            name: student.name.reveal().to_owned(),
            classes: student.classes.iter().map(class).collect(),
        })
        .collect()
}

/// `POST /api/v1/links/{id}/slots`: when each class may be booked.
pub(crate) async fn slots(
    State(house): State<Shared>,
    Path(id): Path<String>,
    request: Request,
) -> Result<Json<SlotsView>, Refused> {
    let (parent, _): (_, LinkRequest) = ask::parent(&house, &id, request, Count::Request).await?;
    let evening = parent
        .store
        .parent_evening(parent.contact, parent.held.evening.id, parent.now)
        .await?;
    let mut slots = Vec::new();
    for student in &evening.students {
        for choice in &student.classes {
            slots.push(ClassSlots {
                student: student.id.to_string(),
                class: choice.class.to_string(),
                slots: choice
                    .slots
                    .iter()
                    .map(|(slot, stands)| SlotView {
                        starts: slot.start.to_string(),
                        ends: slot.end.to_string(),
                        state: state(*stands),
                    })
                    .collect(),
            });
        }
    }
    Ok(Json(SlotsView { slots }))
}

const fn state(state: school::timetable::SlotState) -> SlotState {
    use school::timetable::SlotState as Rule;
    match state {
        Rule::Free => SlotState::Free,
        Rule::Clash => SlotState::Clash,
        Rule::Yours => SlotState::Yours,
        Rule::Taken => SlotState::Taken,
        Rule::Past => SlotState::Past,
    }
}

/// `POST /api/v1/links/{id}/bookings`: books one slot.
pub(crate) async fn book(
    State(house): State<Shared>,
    Path(id): Path<String>,
    request: Request,
) -> Result<Json<BookingView>, Refused> {
    let (parent, asked): (_, BookRequest) =
        ask::parent(&house, &id, request, Count::Request).await?;
    let wish = BookingRequest {
        student: ask::id(&asked.student)?,
        class: ask::id(&asked.class)?,
        slot: slot_at(&parent.held.evening, &asked.starts)?,
        note: Note::read(&asked.note)?,
    };
    let booked = parent
        .store
        .book(
            parent.contact,
            parent.held.evening.id,
            &wish,
            Some(ask::attempt(&asked.attempt)?),
            Actor::Parent(parent.contact),
            parent.now,
        )
        .await?;
    told(&house, &parent, booked.id).await?;
    Ok(Json(show::booking(&booked, parent.window, parent.now)))
}

/// `POST /api/v1/links/{id}/bookings/automatic`: books what can be booked without a clash.
pub(crate) async fn book_automatically(
    State(house): State<Shared>,
    Path(id): Path<String>,
    request: Request,
) -> Result<Json<AutoBooked>, Refused> {
    let (parent, asked): (_, AutoBookRequest) =
        ask::parent(&house, &id, request, Count::Request).await?;
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
        told(&house, &parent, booked.id).await?;
    }
    Ok(Json(AutoBooked {
        booked: plan
            .booked
            .iter()
            .map(|one| show::booking(one, parent.window, parent.now))
            .collect(),
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
        ask::parent(&house, &id, request, Count::Request).await?;
    let booking = own(&parent, &booking).await?;
    let booked = parent
        .store
        .move_booking(
            parent.contact,
            booking,
            slot_at(&parent.held.evening, &asked.starts)?,
            Actor::Parent(parent.contact),
            parent.now,
        )
        .await?;
    told(&house, &parent, booked.id).await?;
    Ok(Json(show::booking(&booked, parent.window, parent.now)))
}

/// `POST /api/v1/links/{id}/bookings/{booking}/cancel`.
pub(crate) async fn cancel(
    State(house): State<Shared>,
    Path((id, booking)): Path<(String, String)>,
    request: Request,
) -> Result<StatusCode, Refused> {
    let (parent, _): (_, LinkRequest) = ask::parent(&house, &id, request, Count::Request).await?;
    let booking = own(&parent, &booking).await?;
    let people = parent.store.call(booking).await?.map(Appointment::from);
    parent
        .store
        .cancel_booking(
            parent.contact,
            booking,
            Actor::Parent(parent.contact),
            parent.now,
        )
        .await?;
    if let Some(people) = people {
        house.tell_people_of(&people);
        house.end_call(people.call).await;
    }
    house.wake_post();
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /api/v1/links/{id}/bookings/{booking}/note`: a word to the teachers.
pub(crate) async fn note(
    State(house): State<Shared>,
    Path((id, booking)): Path<(String, String)>,
    request: Request,
) -> Result<Json<BookingView>, Refused> {
    let (parent, asked): (_, NoteRequest) =
        ask::parent(&house, &id, request, Count::Request).await?;
    let booking = own(&parent, &booking).await?;
    let note = Note::read(&asked.note)?;
    parent
        .store
        .change_note(parent.contact, booking, &note, parent.now)
        .await?;
    told(&house, &parent, booking).await?;
    let call = parent.store.call(booking).await?;
    let booked = call.ok_or(Refusal::NotFound)?.appointment;
    Ok(Json(show::booking(&booked, parent.window, parent.now)))
}

/// `POST /api/v1/links/{id}/confirmation`: the confirmation e-mail once more.
pub(crate) async fn confirmation(
    State(house): State<Shared>,
    Path(id): Path<String>,
    request: Request,
) -> Result<StatusCode, Refused> {
    let (parent, _): (_, LinkRequest) = ask::parent(&house, &id, request, Count::Mail).await?;
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

/// A booking of the parent's, in the evening that their link is for.
async fn own(parent: &Parent, booking: &str) -> Result<BookingId, Refused> {
    let id: BookingId = ask::id(booking)?;
    let mine = parent
        .store
        .appointments_of_parent(parent.contact, parent.held.evening.id)
        .await?;
    if mine.iter().any(|one| one.id == id) {
        Ok(id)
    } else {
        Err(Refused::Rule(Refusal::NotFound))
    }
}

/// The slot that begins then.
fn slot_at(evening: &Evening, starts: &str) -> Result<school::SlotNumber, Refused> {
    let starts = ask::moment(starts)?;
    evening
        .slots()
        .find(|slot| slot.start == starts)
        .map(|slot| slot.number)
        .ok_or(Refused::Rule(Refusal::NoSuchSlot))
}

/// Whoever sees this booking hears that it changed.
async fn told(house: &House, parent: &Parent, booking: BookingId) -> Result<(), Refused> {
    if let Some(call) = parent.store.call(booking).await? {
        house.tell_people_of(&Appointment::from(call));
    }
    house.wake_post();
    Ok(())
}
