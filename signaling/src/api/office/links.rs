//! The people of an evening and their links: sent, sent again, or shown for a letter (EVE-3, LINK-3).

use axum::Json;
use school::{ContactId, EveningId, Refusal, TeacherId};
use serde::Deserialize;
use store::{Delivery, Holder, Participant};
use wire::http::office::{EveningPeople, EveningPerson, LinkShown};
use wire::http::parent::InvitationState;
use wire::http::school::Queued;

use super::super::extract::{Path, Query};
use super::super::refused::Refused;
use super::Office;
use super::evenings::address;

/// Whether only those are written to who have booked nothing.
#[derive(Debug, Deserialize)]
pub(crate) struct To {
    #[serde(default)]
    unbooked: bool,
}

/// `POST /api/v1/evenings/{evening}/confirmations?unbooked=`.
pub(crate) async fn confirmations(
    office: Office,
    Path(id): Path<EveningId>,
    Query(to): Query<To>,
) -> Result<Json<Queued>, Refused> {
    let (store, actor, evening) = (&office.store, office.actor(), id);
    let queued = if to.unbooked {
        store.send_to_unbooked(evening, actor, office.now).await?
    } else {
        store.send_confirmations(evening, actor, office.now).await?
    };
    office.house.wake_post();
    Ok(Json(counted(&queued)))
}

/// `POST /api/v1/evenings/{evening}/teacher-links`.
pub(crate) async fn teacher_links(
    office: Office,
    Path(id): Path<EveningId>,
) -> Result<Json<Queued>, Refused> {
    let queued = office
        .store
        .send_teacher_links(id, office.actor(), office.now)
        .await?;
    office.house.wake_post();
    Ok(Json(counted(&queued)))
}

/// `POST /api/v1/evenings/{evening}/teachers/{teacher}/resend`: the same link again (LINK-3).
pub(crate) async fn resend_to_teacher(
    office: Office,
    Path((evening, teacher)): Path<(EveningId, TeacherId)>,
) -> Result<Json<Queued>, Refused> {
    resend(&office, evening, Holder::Teacher(teacher)).await
}

/// `POST /api/v1/evenings/{evening}/parents/{contact}/resend`: the same link again (LINK-3).
pub(crate) async fn resend_to_parent(
    office: Office,
    Path((evening, contact)): Path<(EveningId, ContactId)>,
) -> Result<Json<Queued>, Refused> {
    resend(&office, evening, Holder::Parent(contact)).await
}

async fn resend(
    office: &Office,
    evening: EveningId,
    holder: Holder,
) -> Result<Json<Queued>, Refused> {
    let is_queued = office
        .store
        .resend_link(evening, holder, office.actor(), office.now)
        .await?;
    office.house.wake_post();
    Ok(Json(Queued {
        queued: u32::from(is_queued),
        without_address: u32::from(!is_queued),
    }))
}

pub(super) fn counted(queued: &store::Queued) -> Queued {
    Queued {
        queued: u32::try_from(queued.queued).unwrap_or(u32::MAX),
        without_address: u32::try_from(queued.without_address).unwrap_or(u32::MAX),
    }
}

/// `GET /api/v1/evenings/{evening}/links`.
pub(crate) async fn people(
    office: Office,
    Path(id): Path<EveningId>,
) -> Result<Json<EveningPeople>, Refused> {
    let all = office.store.participants(id).await?;
    Ok(Json(EveningPeople {
        teachers: all.teachers.iter().map(person).collect(),
        parents: all.parents.iter().map(person).collect(),
        away: all.away.iter().map(ToString::to_string).collect(),
    }))
}

fn person(one: &Participant) -> EveningPerson {
    EveningPerson {
        id: one.holder.id().to_string(),
        name: one.name.reveal().to_owned(),
        email: address(one.email.as_ref()),
        appointments: u32::try_from(one.appointments).unwrap_or_default(),
        mail: one.mail.as_ref().map(|(_, delivery)| match delivery {
            Delivery::Waiting => InvitationState::Sending,
            Delivery::Sent => InvitationState::Sent,
            Delivery::Delivered => InvitationState::Delivered,
            Delivery::Bounced { .. } => InvitationState::Bounced,
        }),
        has_link: one.has_link,
    }
}

/// `POST /api/v1/evenings/{evening}/teachers/{teacher}/link`.
pub(crate) async fn teacher_link(
    office: Office,
    Path((evening, teacher)): Path<(EveningId, TeacherId)>,
) -> Result<Json<LinkShown>, Refused> {
    hand_out(&office, evening, Holder::Teacher(teacher)).await
}

/// `POST /api/v1/evenings/{evening}/parents/{contact}/link`.
pub(crate) async fn parent_link(
    office: Office,
    Path((evening, contact)): Path<(EveningId, ContactId)>,
) -> Result<Json<LinkShown>, Refused> {
    hand_out(&office, evening, Holder::Parent(contact)).await
}

async fn hand_out(
    office: &Office,
    evening: EveningId,
    holder: Holder,
) -> Result<Json<LinkShown>, Refused> {
    let record = office
        .store
        .hand_out_link(evening, holder, office.actor(), office.now)
        .await?;
    let path = office
        .house
        .keyring
        .path(&record)
        .ok_or(Refusal::NotFound)?;
    Ok(Json(LinkShown {
        url: format!("{}{}", office.house.public_url, path.expose()),
    }))
}
