//! A teacher's evening.

use std::collections::BTreeMap;

use axum::Json;
use call::LinkId;
use jiff::Timestamp;
use live::roster::{call_of, link_of};
use school::{Evening, Name, TeacherId};
use store::{Holder, Store};
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
    let mut guests = store.guests_of(holder, evening.id).await?;
    // Few, of all that there are: who else may come to a call is not asked for.
    let meetings = booked.iter().map(|one| one.meeting);
    let going: Vec<_> = meetings
        .filter(|it| house.live.presence.is_anybody_in(call_of(*it)))
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
                present: calls
                    .get(&one.meeting)
                    .map_or_else(Vec::new, |call| show::present(house, call)),
            })
            .collect(),
        contact: show::contact(&school),
        seen: standing.map_or_else(String::new, |standing| {
            let moments = moments::of(evening, &booked);
            moments::seen(house, standing, &moments, now)
        }),
    })
}
