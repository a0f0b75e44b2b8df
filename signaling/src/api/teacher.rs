//! A teacher's evening.

use axum::Json;
use call::LinkId;
use jiff::Timestamp;
use school::{Evening, Name, TeacherId};
use store::{Holder, Store};
use wire::http::teacher::{TeacherAppointment, TeacherView};

use super::by_link::Teacher;
use super::refused::Refused;
use super::{links, moments, show};
use crate::house::House;
use crate::roster::link_of;

/// `POST /api/v1/links/{id}/teacher`: their list, and who is next.
pub(crate) async fn page(asked: Teacher) -> Result<Json<TeacherView>, Refused> {
    let link = Some(link_of(asked.held.record.id));
    list(
        &asked.house,
        &asked.store,
        (asked.teacher, &asked.held.name),
        &asked.held.evening,
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
    let calls = store.calls_of(Holder::Teacher(teacher), evening.id).await?;
    let booked: Vec<_> = calls.iter().map(|call| call.appointment.clone()).collect();
    Ok(TeacherView {
        name: name.reveal().to_owned(),
        evening: show::evening(evening, &school, now),
        next: links::next(&booked, now).map(|one| one.id.to_string()),
        appointments: calls
            .iter()
            .map(|call| TeacherAppointment {
                appointment: show::appointment(&call.appointment, now),
                parent: call.appointment.parent_name.reveal().to_owned(),
                guest: call
                    .meeting
                    .entitled
                    .iter()
                    .find(|one| one.role.is_invited())
                    .map(|one| one.name.reveal().to_owned()),
                note: call.appointment.note.reveal().to_owned(),
                present: show::present(house, call),
            })
            .collect(),
        contact: show::contact(&school),
        seen: standing.map_or_else(String::new, |standing| {
            let moments = moments::of(evening, &booked);
            moments::seen(house, standing, &moments, now)
        }),
    })
}
