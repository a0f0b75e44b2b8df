//! Meeting rooms, and the accounts of the staff who belong to them (ROOM-6).

use std::collections::BTreeSet;

use axum::Json;
use axum::http::StatusCode;
use links::Record;
use school::meeting::Door;
use school::rooms::{Asks, Limit, Terms};
use school::{EmailAddress, Label, Name, Refusal, RoomId, StaffId};
use store::Room;
use wire::http::office::LinkShown;
use wire::http::rooms::{
    Member, MemberDraft, Members, OfficeRoom, OfficeRooms, RoomDraft, RoomField,
};

use super::super::ask;
use super::super::extract::{Body, Path};
use super::super::refused::Refused;
use super::Office;
use super::areas::{read_hours, shown_hours};
use crate::data::member_link;
use crate::house::House;
use crate::private::Private;

/// `GET /api/v1/members`.
pub(crate) async fn members(office: Office) -> Result<Json<Members>, Refused> {
    let all = office.store.staff().await?;
    let with_second = office.store.second_factors().await?;
    let identified = match &office.house.openid {
        Some(openid) => office.store.identified_by(openid.issuer()).await?,
        None => Vec::new(),
    };
    let active = all.iter().filter(|it| it.disabled_at.is_none());
    Ok(Json(Members {
        members: active
            .map(|it| Member {
                id: it.id.to_string(),
                name: it.name.reveal().to_owned(),
                email: it.email.reveal().to_owned(),
                office: it.is_office,
                can_sign_in: !it.password_hash.is_empty() || identified.contains(&it.id),
                identified: identified.contains(&it.id),
                second_factor: with_second.contains(&it.id),
            })
            .collect(),
    }))
}

/// `POST /api/v1/members`: the link by which they choose a password is shown, to be handed on; or the address of
/// the page on which they sign in by the school's provider, where no password opens.
pub(crate) async fn add_member(
    office: Office,
    Body(asked): Body<MemberDraft>,
) -> Result<Json<LinkShown>, Refused> {
    let (name, email) = match (Name::read(&asked.name), EmailAddress::read(&asked.email)) {
        (Ok(name), Ok(email)) => (name, email),
        (name, email) => {
            let wrong = [("name", name.err()), ("email", email.err())].into_iter();
            let wrong = wrong.filter_map(|(field, it)| Some((field, it?)));
            return Err(Refused::Fields(wrong.collect()));
        }
    };
    let who = (&name, &email);
    let link = member_link(
        &office.store,
        who,
        &office.house.public_url,
        (office.actor(), office.now),
    );
    let link = link.await?;
    Ok(Json(handed_on(&office.house, &link)))
}

/// What somebody is given to sign in by.
pub(in crate::api) fn handed_on(house: &House, link: &Private<String>) -> LinkShown {
    let url = if house.is_only_by_provider() {
        format!("{}/staff", house.public_url)
    } else {
        link.reveal().clone()
    };
    LinkShown { url }
}

/// `DELETE /api/v1/members/{member}`: they can sign in no longer, and are out of every call of the
/// rooms and areas they were in.
pub(crate) async fn remove_member(
    office: Office,
    Path(id): Path<StaffId>,
) -> Result<StatusCode, Refused> {
    office
        .doing()
        .perform(|it| async move { it.store.disable_staff(id, it.by, it.now).await })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

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
    Ok(OfficeRoom {
        id: room.id.to_string(),
        name: room.name.as_str().to_owned(),
        kept: room.door == Door::Kept,
        members: room.members.iter().map(|(id, _)| id.to_string()).collect(),
        hours: room.terms.hours.as_ref().map(shown_hours),
        asks: asked_of(room.terms.asks),
        limit: room.terms.limit.map(Limit::minutes),
        closed: room.closed_at.is_some(),
        url: url(house, &room.link).ok_or(Refusal::NotFound)?,
    })
}

/// The whole address of a link.
pub(in crate::api) fn url(house: &House, record: &Record) -> Option<String> {
    let path = house.keyring.path(record)?;
    Some(format!("{}{}", house.public_url, path.expose()))
}
