//! The evening while it runs.

use axum::Json;
use school::EveningId;
use wire::http::office::{LiveCall, LiveView, OfficeBooking, OfficeBookings};

use super::super::extract::Path;
use super::super::refused::Refused;
use super::super::show;
use super::Office;
use live::roster::call_of;

/// `GET /api/v1/evenings/{evening}/bookings`.
pub(crate) async fn bookings(
    office: Office,
    Path(id): Path<EveningId>,
) -> Result<Json<OfficeBookings>, Refused> {
    office.store.evening(id).await?;
    let all = office.store.appointments_of_evening(id).await?;
    let bookings = all.iter().map(|one| OfficeBooking {
        appointment: show::appointment(one, office.now),
        parent: one.parent_name.reveal().to_owned(),
        contact: one.parent.to_string(),
    });
    Ok(Json(OfficeBookings {
        bookings: bookings.collect(),
    }))
}

/// `GET /api/v1/evenings/{evening}/live`: who is in which call, and who waits.
pub(crate) async fn live(
    office: Office,
    Path(id): Path<EveningId>,
) -> Result<Json<LiveView>, Refused> {
    office.store.evening(id).await?;
    let now = office.now;
    let mut view = LiveView {
        now: now.to_string(),
        calls: Vec::new(),
        over: 0,
        upcoming: 0,
    };
    let mut shown = Vec::new();
    let presence = &office.house.live.presence;
    for call in office.store.times_of_evening(id).await? {
        let is_now = call.start <= now && now < call.end;
        let of = call_of(call.meeting);
        // Who has said that they are here and may not join yet waits as well.
        let is_awaited = now < call.start && office.house.live.is_anybody_here(of);
        if is_now || is_awaited || presence.is_anybody_in(of) {
            shown.push(call.meeting);
        } else if call.end <= now {
            view.over += 1;
        } else {
            view.upcoming += 1;
        }
    }
    let calls = office.store.calls_among(id, &shown).await?;
    view.calls = calls
        .iter()
        .map(|call| LiveCall {
            appointment: show::appointment(&call.appointment, now),
            parent: call.appointment.parent_name.reveal().to_owned(),
            present: show::present(&office.house, call),
            cap: u32::from(call.meeting.cap.min(office.house.rules.cap)),
        })
        .collect();
    Ok(Json(view))
}
