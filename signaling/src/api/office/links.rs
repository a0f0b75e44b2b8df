//! The people of an evening and their links: sent, sent again, or shown for a letter (EVE-3, LINK-3).

use axum::Json;
use axum::extract::{Request, State};
use school::{ContactId, EveningId, Refusal, TeacherId};
use serde::Deserialize;
use store::{Delivery, Holder, Participant};
use wire::http::office::{EveningPeople, EveningPerson, LinkShown};
use wire::http::parent::InvitationState;
use wire::http::school::Queued;

use super::super::ask::{self, Shared};
use super::super::extract::{Path, Query};
use super::super::refused::Refused;
use super::Office;
use super::evenings::address;
use crate::house::House;

/// Whether only those are written to who have booked nothing.
#[derive(Debug, Deserialize)]
pub(crate) struct To {
    #[serde(default)]
    unbooked: bool,
}

/// `POST /api/v1/evenings/{evening}/confirmations?unbooked=`.
pub(crate) async fn confirmations(
    State(house): State<Shared>,
    Path(id): Path<String>,
    Query(to): Query<To>,
    request: Request,
) -> Result<Json<Queued>, Refused> {
    let office = super::enter(&house, &request).await?;
    let (store, actor, evening) = (&office.store, office.actor(), ask::id(&id)?);
    let queued = if to.unbooked {
        store.send_to_unbooked(evening, actor, office.now).await?
    } else {
        store.send_confirmations(evening, actor, office.now).await?
    };
    house.wake_post();
    Ok(Json(counted(&queued)))
}

/// `POST /api/v1/evenings/{evening}/teacher-links`.
pub(crate) async fn teacher_links(
    State(house): State<Shared>,
    Path(id): Path<String>,
    request: Request,
) -> Result<Json<Queued>, Refused> {
    let office = super::enter(&house, &request).await?;
    let queued = office
        .store
        .send_teacher_links(ask::id(&id)?, office.actor(), office.now)
        .await?;
    house.wake_post();
    Ok(Json(counted(&queued)))
}

/// `POST /api/v1/evenings/{evening}/teachers/{teacher}/resend`: the same link again (LINK-3).
pub(crate) async fn resend_to_teacher(
    State(house): State<Shared>,
    Path((evening, teacher)): Path<(String, String)>,
    request: Request,
) -> Result<Json<Queued>, Refused> {
    let office = super::enter(&house, &request).await?;
    let teacher: TeacherId = ask::id(&teacher)?;
    resend(&house, &office, &evening, Holder::Teacher(teacher)).await
}

/// `POST /api/v1/evenings/{evening}/parents/{contact}/resend`: the same link again (LINK-3).
pub(crate) async fn resend_to_parent(
    State(house): State<Shared>,
    Path((evening, contact)): Path<(String, String)>,
    request: Request,
) -> Result<Json<Queued>, Refused> {
    let office = super::enter(&house, &request).await?;
    let contact: ContactId = ask::id(&contact)?;
    resend(&house, &office, &evening, Holder::Parent(contact)).await
}

async fn resend(
    house: &House,
    office: &Office,
    evening: &str,
    holder: Holder,
) -> Result<Json<Queued>, Refused> {
    let is_queued = office
        .store
        .resend_link(ask::id(evening)?, holder, office.actor(), office.now)
        .await?;
    house.wake_post();
    Ok(Json(Queued {
        queued: u32::from(is_queued),
        without_address: u32::from(!is_queued),
    }))
}

fn counted(queued: &store::Queued) -> Queued {
    Queued {
        queued: u32::try_from(queued.queued).unwrap_or(u32::MAX),
        without_address: u32::try_from(queued.without_address).unwrap_or(u32::MAX),
    }
}

/// `GET /api/v1/evenings/{evening}/links`.
pub(crate) async fn people(
    State(house): State<Shared>,
    Path(id): Path<String>,
    request: Request,
) -> Result<Json<EveningPeople>, Refused> {
    let office = super::enter(&house, &request).await?;
    let id: EveningId = ask::id(&id)?;
    office.store.evening(id).await?;
    let all = office.store.participants(id).await?;
    Ok(Json(EveningPeople {
        teachers: all.teachers.iter().map(person).collect(),
        parents: all.parents.iter().map(person).collect(),
    }))
}

fn person(one: &Participant) -> EveningPerson {
    EveningPerson {
        id: match one.holder {
            Holder::Parent(id) => id.to_string(),
            Holder::Guest(id) => id.to_string(),
            Holder::Teacher(id) => id.to_string(),
        },
        name: one.name.reveal().to_owned(),
        email: address(one.email.as_ref()),
        appointments: u32::try_from(one.appointments).unwrap_or_default(),
        mail: one.mail.as_ref().map(|(_, delivery)| match delivery {
            Delivery::Waiting => InvitationState::Sending,
            Delivery::Sent => InvitationState::Sent,
            Delivery::Delivered => InvitationState::Delivered,
            Delivery::Bounced { .. } => InvitationState::Bounced,
        }),
    }
}

/// `POST /api/v1/evenings/{evening}/teachers/{teacher}/link`.
pub(crate) async fn teacher_link(
    State(house): State<Shared>,
    Path((evening, teacher)): Path<(String, String)>,
    request: Request,
) -> Result<Json<LinkShown>, Refused> {
    let office = super::enter(&house, &request).await?;
    let teacher: TeacherId = ask::id(&teacher)?;
    hand_out(&house, &office, &evening, Holder::Teacher(teacher)).await
}

/// `POST /api/v1/evenings/{evening}/parents/{contact}/link`.
pub(crate) async fn parent_link(
    State(house): State<Shared>,
    Path((evening, contact)): Path<(String, String)>,
    request: Request,
) -> Result<Json<LinkShown>, Refused> {
    let office = super::enter(&house, &request).await?;
    let contact: ContactId = ask::id(&contact)?;
    hand_out(&house, &office, &evening, Holder::Parent(contact)).await
}

async fn hand_out(
    house: &House,
    office: &Office,
    evening: &str,
    holder: Holder,
) -> Result<Json<LinkShown>, Refused> {
    let record = office
        .store
        .hand_out_link(ask::id(evening)?, holder, office.actor(), office.now)
        .await?;
    let path = house.keyring.path(&record).ok_or(Refusal::NotFound)?;
    Ok(Json(LinkShown {
        url: format!("{}{}", house.public_url, path.expose()),
    }))
}
