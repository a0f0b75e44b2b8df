//! The start page of the staff, and their way into a room (ROOM-1, ROOM-7).

use axum::Json;
use axum::http::HeaderMap;
use school::meeting::Door;
use school::{Refusal, RoomId};
use wire::http::office::LinkShown;
use wire::http::rooms::{RoomGuest, StaffEvening, StaffHome, StaffRoom};

use super::callers;
use super::extract::Path;
use super::hats;
use super::office::Staff;
use super::office::rooms::url;
use super::refused::Refused;
use live::roster::call_of;

/// `GET /api/v1/staff`.
pub(crate) async fn home(staff: Staff, headers: HeaderMap) -> Result<Json<StaffHome>, Refused> {
    let seen = callers::seen(&staff);
    let rooms = staff.store.rooms_of(staff.who.staff).await?;
    let now = ambient::now();
    let guests = staff.store.room_guests_of(staff.who.staff, now).await?;
    let rooms = rooms.iter().map(|room| {
        let here = staff.house.live.presence.of(call_of(room.meeting)).len();
        Some(StaffRoom {
            id: room.id.to_string(),
            name: room.name.as_str().to_owned(),
            url: url(&staff.house, &room.link)?,
            kept: room.door == Door::Kept,
            here: u32::try_from(here).unwrap_or(u32::MAX),
            guests: guests
                .iter()
                .filter(|it| it.room == room.id)
                .map(shown)
                .collect(),
        })
    });
    let evenings = staff.store.evenings_of_staff(staff.who.staff, now).await?;
    let evenings = evenings.iter().map(|it| {
        Some(StaffEvening {
            name: it.name.as_str().to_owned(),
            starts: it.starts.to_string(),
            time_zone: it.zone.clone(),
            url: url(&staff.house, &it.link)?,
        })
    });
    let areas = callers::areas(&staff, now).await?;
    Ok(Json(StaffHome {
        rooms: rooms.collect::<Option<_>>().ok_or(Refusal::NotFound)?,
        all_areas: callers::all_areas(&staff, &areas, now).await?,
        evenings: evenings.collect::<Option<_>>().ok_or(Refusal::NotFound)?,
        areas,
        hat: hats::of_staff(&staff, &headers).await?,
        seen,
    }))
}

fn shown(guest: &store::RoomGuest) -> RoomGuest {
    RoomGuest {
        name: guest.name.reveal().to_owned(),
        came: guest.came.to_string(),
        email: guest.email.as_ref().map(|it| it.reveal().to_owned()),
        mobile: guest.mobile.as_ref().map(|it| it.as_str().to_owned()),
        reason: guest.reason.reveal().to_owned(),
    }
}

/// `POST /api/v1/staff/rooms/{room}/enter`: the link by which a member joins.
pub(crate) async fn enter(
    staff: Staff,
    Path(room): Path<RoomId>,
) -> Result<Json<LinkShown>, Refused> {
    let link = staff.store.enter_room(staff.who.staff, room).await?;
    let url = url(&staff.house, &link).ok_or(Refusal::NotFound)?;
    Ok(Json(LinkShown { url }))
}
