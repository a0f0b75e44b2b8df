//! Meeting rooms (ROOM-6).

use std::collections::BTreeSet;

use axum::Json;
use links::Record;
use school::meeting::Door;
use school::rooms::{Asks, Limit, Terms};
use school::{Label, Refusal, RoomId, StaffId};
use store::Room;
use wire::http::rooms::{OfficeRoom, OfficeRooms, RoomDraft, RoomField};

use super::super::ask;
use super::super::extract::{Body, Path};
use super::super::refused::Refused;
use super::areas::{read_hours, shown_hours};
use super::{Office, version};
use crate::house::House;

/// `GET /api/v1/rooms`.
pub(crate) async fn list(office: Office) -> Result<Json<OfficeRooms>, Refused> {
    let rooms = office.store.rooms().await?;
    let rooms = rooms.iter().map(|room| shown(&office.house, room));
    let texts = office.store.texts_in_a_day(office.now).await?;
    Ok(Json(OfficeRooms {
        rooms: rooms.collect::<Result<_, _>>()?,
        texts_sent: u32::try_from(texts).unwrap_or(u32::MAX),
        texts_a_day: office.house.texts_a_day,
    }))
}

/// `POST /api/v1/rooms`.
pub(crate) async fn add(
    office: Office,
    Body(asked): Body<RoomDraft>,
) -> Result<Json<OfficeRoom>, Refused> {
    let draft = read(&asked)?;
    let id = office
        .store
        .add_room(&draft, office.actor(), office.now)
        .await?;
    one(&office, id).await
}

/// `PUT /api/v1/rooms/{room}`.
pub(crate) async fn change(
    office: Office,
    Path(id): Path<RoomId>,
    Body(asked): Body<RoomDraft>,
) -> Result<Json<OfficeRoom>, Refused> {
    let _turn = version::turn(&office).await?;
    if let Some(began_with) = &asked.version {
        let Json(before) = one(&office, id).await?;
        version::check(Some(began_with), &before.version)?;
    }
    let draft = read(&asked)?;
    office
        .doing()
        .perform(|it| async move { it.store.change_room(id, &draft, it.by, it.now).await })
        .await?;
    one(&office, id).await
}

/// `POST /api/v1/rooms/{room}/link`: another link; the one before is dead.
pub(crate) async fn renew_link(
    office: Office,
    Path(id): Path<RoomId>,
) -> Result<Json<OfficeRoom>, Refused> {
    office
        .doing()
        .perform(|it| async move { it.store.renew_room_link(id, it.by, it.now).await })
        .await?;
    one(&office, id).await
}

async fn one(office: &Office, id: RoomId) -> Result<Json<OfficeRoom>, Refused> {
    let room = office.store.room(id).await?;
    shown(&office.house, &room).map(Json)
}

/// `POST /api/v1/rooms/{room}/close`: its call ends, and its links open nothing.
pub(crate) async fn close(
    office: Office,
    Path(id): Path<RoomId>,
) -> Result<Json<OfficeRoom>, Refused> {
    office
        .doing()
        .perform(|it| async move { it.store.close_room(id, it.by, it.now).await })
        .await?;
    one(&office, id).await
}

/// `POST /api/v1/rooms/{room}/reopen`: with the links it had.
pub(crate) async fn reopen(
    office: Office,
    Path(id): Path<RoomId>,
) -> Result<Json<OfficeRoom>, Refused> {
    office
        .doing()
        .perform(|it| async move { it.store.reopen_room(id, it.by, it.now).await })
        .await?;
    one(&office, id).await
}

fn read(asked: &RoomDraft) -> Result<store::RoomDraft, Refused> {
    let members = asked.members.iter().map(|id| ask::id::<StaffId>(id));
    let members = members.collect::<Result<BTreeSet<_>, _>>()?;
    let none = members.is_empty().then_some(Refusal::NoMember);
    let hours = asked.hours.as_ref().map(read_hours).transpose();
    let limit = asked.limit.map(|it| Limit::of_minutes(it.into()));
    match (Label::read(&asked.name), none, hours, limit.transpose()) {
        (Ok(name), None, Ok(hours), Ok(limit)) => Ok(store::RoomDraft {
            name,
            door: if asked.kept { Door::Kept } else { Door::Open },
            members,
            terms: Terms {
                hours,
                asks: read_asks(&asked.asks),
                limit,
            },
        }),
        (name, none, hours, limit) => {
            let wrong = [("name", name.err()), ("members", none)];
            let wrong = wrong.into_iter();
            let wrong = wrong.filter_map(|(field, it)| Some((field, it?)));
            let wrong = wrong.chain(hours.err());
            let limit = limit.err().map(|it| ("limit", it));
            Err(Refused::Fields(wrong.chain(limit).collect()))
        }
    }
}

fn read_asks(asked: &[RoomField]) -> Asks {
    Asks {
        email: asked.contains(&RoomField::Email),
        mobile: asked.contains(&RoomField::Mobile),
        reason: asked.contains(&RoomField::Reason),
    }
}

/// What guests of a room enter besides their name.
pub(in crate::api) fn asked_of(asks: Asks) -> Vec<RoomField> {
    let all = [
        (asks.email, RoomField::Email),
        (asks.mobile, RoomField::Mobile),
        (asks.reason, RoomField::Reason),
    ];
    let asked = all
        .into_iter()
        .filter_map(|(is, field)| is.then_some(field));
    asked.collect()
}

fn shown(house: &House, room: &Room) -> Result<OfficeRoom, Refused> {
    let mut shown = OfficeRoom {
        id: room.id.to_string(),
        name: room.name.as_str().to_owned(),
        kept: room.door == Door::Kept,
        members: room.members.iter().map(|(id, _)| id.to_string()).collect(),
        hours: room.terms.hours.as_ref().map(shown_hours),
        asks: asked_of(room.terms.asks),
        limit: room.terms.limit.map(Limit::minutes),
        closed: room.closed_at.is_some(),
        url: url(house, &room.link).ok_or(Refusal::NotFound)?,
        version: String::new(),
    };
    // Another link, a room that is closed and a member's new name undo nothing of what the form says.
    let members: BTreeSet<_> = shown.members.iter().collect();
    let hours = shown.hours.as_ref();
    let rest = (&shown.name, shown.kept, &shown.asks, shown.limit);
    shown.version = version::of(&(members, hours, rest));
    Ok(shown)
}

/// The whole address of a link.
pub(in crate::api) fn url(house: &House, record: &Record) -> Option<String> {
    let path = house.keyring.path(record)?;
    Some(format!("{}{}", house.public_url, path.expose()))
}
