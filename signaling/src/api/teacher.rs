//! A teacher's evening.

use std::collections::BTreeMap;

use axum::Json;
use axum::http::StatusCode;
use call::LinkId;
use jiff::Timestamp;
use live::roster::{call_of, link_of};
use school::{BookingId, Evening, Name, Note, TeacherId};
use store::{Holder, Store};
use wire::http::parent::NoteRequest;
use wire::http::teacher::{TeacherAppointment, TeacherView};

use super::by_link::Teacher;
use super::refused::Refused;
use super::{links, moments, show};
use crate::house::House;

/// `POST /api/v1/links/{id}/teacher`: their list, and who is next.
pub(crate) async fn page(asked: Teacher) -> Result<Json<TeacherView>, Refused> {
    let link = Some(link_of(asked.held.record.id));
    list(
        &asked.house,
        &asked.store,
        (asked.teacher, &asked.held.name),
        &asked.evening,
        (link, asked.now),
    )
    .await
    .map(Json)
}

/// `POST /api/v1/links/{id}/teacher/{booking}/note`: a line for those who take it.
pub(crate) async fn note(asked: Teacher<NoteRequest, BookingId>) -> Result<StatusCode, Refused> {
    let note = Note::read(&asked.asked.note)?;
    let theirs = (asked.teacher, asked.evening.id);
    let before = asked.asked.before.as_deref();
    let meeting = asked
        .store
        .note_for_teachers(theirs, asked.path, &note, before, asked.now)
        .await?;
    // Whoever takes it with them has the list open too, as they may have elsewhere.
    let found = asked.store.gathering(meeting, asked.now).await?;
    let links = found.into_iter().flat_map(|it| it.links);
    let of_teachers = links.filter(|(holder, _)| matches!(holder, Holder::Teacher(_)));
    let news = &asked.house.live.news;
    news.tell(of_teachers.map(|(_, record)| link_of(record.id)));
    Ok(StatusCode::NO_CONTENT)
}

/// For how long the appointment of now waits for a teacher, milliseconds; none where it does not.
fn late_ms(
    house: &House,
    link: LinkId,
    booked: &[store::Appointment],
    now: Timestamp,
) -> Option<u32> {
    let one = links::next(booked, now)?;
    let there = house.live.presence.of(call_of(one.meeting));
    let is_there = there.iter().any(|(it, _)| *it == link);
    let has_begun = one.start <= now && now < one.window.closes;
    let waits = has_begun && !is_there && one.course.school_at.is_none();
    let late = now.duration_since(one.start).as_millis();
    waits.then(|| u32::try_from(late).unwrap_or_default())
}

/// The list of one teacher in one evening.
pub(super) async fn list(
    house: &House,
    store: &Store,
    (teacher, name): (TeacherId, &Name),
    evening: &Evening,
    (link, now): (Option<LinkId>, Timestamp),
) -> Result<TeacherView, Refused> {
    let standing = link.map(|link| moments::standing(house, link));
    let school = store.school().await?;
    let holder = Holder::Teacher(teacher);
    let booked = store.appointments_of(holder, evening.id).await?;
    // Theirs alone: the office reads the list without a link.
    let mut notes = match link {
        Some(_) => store.teacher_notes(teacher, evening.id).await?,
        None => BTreeMap::new(),
    };
    let mut guests = store.guests_of(holder, evening.id).await?;
    // Few, of all that there are: who else may come to a call is not asked for.
    let meetings = booked.iter().map(|one| one.meeting);
    let going: Vec<_> = meetings
        .filter(|it| {
            let (live, call) = (&house.live, call_of(*it));
            live.presence.is_anybody_in(call) || live.is_anybody_here(call)
        })
        .collect();
    let calls = store.calls_among(evening.id, &going).await?;
    let calls: BTreeMap<_, _> = calls.iter().map(|call| (call.meeting.id, call)).collect();
    Ok(TeacherView {
        name: name.reveal().to_owned(),
        evening: show::evening(evening, &school, now),
        next: links::next(&booked, now).map(|one| one.id.to_string()),
        appointments: booked
            .iter()
            .map(|one| TeacherAppointment {
                appointment: show::appointment(one, now),
                parent: one.parent_name.reveal().to_owned(),
                guest: guests.remove(&one.meeting).map(|it| it.reveal().to_owned()),
                note: one.note.reveal().to_owned(),
                own_note: notes.remove(&one.id).map(|it| it.reveal().to_owned()),
                present: calls
                    .get(&one.meeting)
                    .map_or_else(Vec::new, |call| show::present(house, call)),
            })
            .collect(),
        late_ms: link.and_then(|link| late_ms(house, link, &booked, now)),
        contact: show::contact(&school),
        seen: standing.map_or_else(String::new, |standing| {
            let moments = moments::of(evening, &booked);
            moments::seen(house, standing, &moments, now)
        }),
    })
}
