//! Waiting areas, as the office makes them (ROOM-6).

use std::collections::BTreeSet;

use axum::Json;
use jiff::civil::Time;
use school::waiting::Hours;
use school::{AreaId, Label, Note, Refusal, StaffId};
use store::Area;
use wire::http::areas::{AreaDraft, OfficeArea, OfficeAreas, OpenHours};

use super::super::ask;
use super::super::extract::{Body, Path};
use super::super::refused::Refused;
use super::rooms::url;
use super::{Office, version};
use crate::house::House;

/// `GET /api/v1/areas`.
pub(crate) async fn list(office: Office) -> Result<Json<OfficeAreas>, Refused> {
    let areas = office.store.areas().await?;
    let areas = areas.iter().map(|area| shown(&office.house, area));
    Ok(Json(OfficeAreas {
        areas: areas.collect::<Result<_, _>>()?,
    }))
}

/// `POST /api/v1/areas`.
pub(crate) async fn add(
    office: Office,
    Body(asked): Body<AreaDraft>,
) -> Result<Json<OfficeArea>, Refused> {
    let draft = read(&asked)?;
    let id = office
        .store
        .add_area(&draft, office.actor(), office.now)
        .await?;
    one(&office, id).await
}

/// `PUT /api/v1/areas/{area}`.
pub(crate) async fn change(
    office: Office,
    Path(id): Path<AreaId>,
    Body(asked): Body<AreaDraft>,
) -> Result<Json<OfficeArea>, Refused> {
    let _turn = version::turn(&office).await?;
    if let Some(began_with) = &asked.version {
        let Json(before) = one(&office, id).await?;
        version::check(Some(began_with), &before.version)?;
    }
    let draft = read(&asked)?;
    office
        .doing()
        .perform(|it| async move { it.store.change_area(id, &draft, it.by, it.now).await })
        .await?;
    one(&office, id).await
}

/// `POST /api/v1/areas/{area}/link`: another link; the one before is dead.
pub(crate) async fn renew_link(
    office: Office,
    Path(id): Path<AreaId>,
) -> Result<Json<OfficeArea>, Refused> {
    office
        .doing()
        .perform(|it| async move { it.store.renew_area_link(id, it.by, it.now).await })
        .await?;
    one(&office, id).await
}

async fn one(office: &Office, id: AreaId) -> Result<Json<OfficeArea>, Refused> {
    let area = office.store.area(id).await?;
    shown(&office.house, &area).map(Json)
}

fn read(asked: &AreaDraft) -> Result<store::AreaDraft, Refused> {
    let providers = asked.providers.iter().map(|id| ask::id::<StaffId>(id));
    let providers = providers.collect::<Result<BTreeSet<_>, _>>()?;
    let none = providers.is_empty().then_some(Refusal::NoMember);
    let hours = asked.hours.as_ref().map(read_hours).transpose();
    match (
        Label::read(&asked.name),
        Note::read(&asked.purpose),
        none,
        hours,
    ) {
        (Ok(name), Ok(purpose), None, Ok(hours)) => Ok(store::AreaDraft {
            name,
            purpose,
            hours,
            providers,
        }),
        (name, purpose, none, hours) => {
            let wrong = [
                ("name", name.err()),
                ("purpose", purpose.err()),
                ("providers", none),
            ];
            let wrong = wrong.into_iter();
            let wrong = wrong.filter_map(|(field, it)| Some((field, it?)));
            Err(Refused::Fields(wrong.chain(hours.err()).collect()))
        }
    }
}

/// The hours, or which field of theirs is wrong.
pub(super) fn read_hours(asked: &OpenHours) -> Result<Hours, (&'static str, Refusal)> {
    let time = |field, text: &str| ask::clock(text).map_err(|it| (field, it));
    let (opens, closes) = (time("opens", &asked.opens)?, time("closes", &asked.closes)?);
    let days = asked.days.iter();
    let days = days.map(|it| i8::try_from(*it).unwrap_or_default());
    Hours::new(days.collect(), opens, closes).map_err(|it| {
        let is_time = it == Refusal::EndsBeforeStart;
        (if is_time { "closes" } else { "days" }, it)
    })
}

pub(super) fn shown_hours(hours: &Hours) -> OpenHours {
    let clock = |time: Time| time.strftime("%H:%M").to_string();
    let days = hours.days().iter();
    OpenHours {
        days: days.filter_map(|it| u8::try_from(*it).ok()).collect(),
        opens: clock(hours.opens()),
        closes: clock(hours.closes()),
    }
}

fn shown(house: &House, area: &Area) -> Result<OfficeArea, Refused> {
    let providers = area.providers.iter().map(|(id, _)| id.to_string());
    let mut shown = OfficeArea {
        id: area.id.to_string(),
        name: area.name.as_str().to_owned(),
        purpose: area.purpose.reveal().to_owned(),
        hours: area.hours.as_ref().map(shown_hours),
        providers: providers.collect(),
        url: url(house, &area.link).ok_or(Refusal::NotFound)?,
        version: String::new(),
    };
    // As of a room.
    let providers: BTreeSet<_> = shown.providers.iter().collect();
    let rest = (&shown.name, &shown.purpose, shown.hours.as_ref());
    shown.version = version::of(&(providers, rest));
    Ok(shown)
}
