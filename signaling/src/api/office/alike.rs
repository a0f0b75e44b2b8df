//! Records that may be of one person: shown, made one, parted again, told apart (DIR-13).

use axum::Json;
use axum::http::StatusCode;
use school::ContactId;
use school::one_person::Alike;
use wire::http::alike::{
    AlikeBy, AlikeContact, AlikePair, AlikeRecords, JoinReport, JoinedAccount, JoinedPair,
    OtherRecord,
};

use super::super::ask;
use super::super::extract::{Body, Path};
use super::super::refused::Refused;
use super::super::show;
use super::Office;
use super::evenings::address;

/// `GET /api/v1/alike`.
pub(crate) async fn list(office: Office) -> Result<Json<AlikeRecords>, Refused> {
    let (pairs, all) = office.store.alike_records().await?;
    let joined = office.store.joined_records(office.now).await?;
    Ok(Json(AlikeRecords {
        more: show::count(all.saturating_sub(pairs.len())),
        pairs: pairs.iter().map(pair).collect(),
        joined: joined
            .iter()
            .map(|it| JoinedPair {
                contact: it.kept.to_string(),
                name: show::name(&it.name),
                gone: it.gone.to_string(),
                gone_name: show::name(&it.gone_name),
                until: it.until.to_string(),
            })
            .collect(),
    }))
}

/// `POST /api/v1/contacts/{contact}/join/preview`: what would follow; nothing changes.
pub(crate) async fn preview(
    office: Office,
    Path(kept): Path<ContactId>,
    Body(OtherRecord { other }): Body<OtherRecord>,
) -> Result<Json<JoinReport>, Refused> {
    let both = (kept, ask::id(&other)?);
    let joined = office
        .store
        .preview_join(both, office.actor(), office.now)
        .await?;
    Ok(Json(report(&joined)))
}

/// `POST /api/v1/contacts/{contact}/join`: the other one is theirs from now on.
pub(crate) async fn join(
    office: Office,
    Path(kept): Path<ContactId>,
    Body(OtherRecord { other }): Body<OtherRecord>,
) -> Result<Json<JoinReport>, Refused> {
    let both = (kept, ask::id(&other)?);
    let joined = office
        .doing()
        .perform(|it| async move { it.store.join_records(both, it.by, it.now).await })
        .await?;
    Ok(Json(report(&joined)))
}

/// `POST /api/v1/contacts/{contact}/part`: they are two again.
pub(crate) async fn part(
    office: Office,
    Path(kept): Path<ContactId>,
    Body(OtherRecord { other }): Body<OtherRecord>,
) -> Result<StatusCode, Refused> {
    let both = (kept, ask::id(&other)?);
    office
        .doing()
        .perform(|it| async move { it.store.part_records(both, it.by, it.now).await })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /api/v1/contacts/{contact}/other-person`: they are two people, and are not shown again.
pub(crate) async fn other_person(
    office: Office,
    Path(one): Path<ContactId>,
    Body(OtherRecord { other }): Body<OtherRecord>,
) -> Result<StatusCode, Refused> {
    let both = (one, ask::id(&other)?);
    office
        .store
        .tell_records_apart(both, office.actor(), office.now)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

fn pair(it: &store::AlikeRecords) -> AlikePair {
    AlikePair {
        alike: match it.alike {
            Alike::Address => AlikeBy::Address,
            Alike::Name => AlikeBy::Name,
            Alike::Both => AlikeBy::Both,
        },
        one: record(&it.one),
        other: record(&it.other),
    }
}

fn record(it: &store::AlikeRecord) -> AlikeContact {
    let students = it.students.iter();
    AlikeContact {
        contact: it.contact.to_string(),
        name: show::name(&it.name),
        email: address(it.email.as_ref()),
        students: students.map(|(_, name)| show::name(name)).collect(),
        court_order: it.has_order,
        registered: it.is_registered,
    }
}

fn report(it: &store::Joined) -> JoinReport {
    JoinReport {
        students: it.students.iter().map(show::name).collect(),
        appointments: show::count(it.appointments),
        invitations: show::count(it.invitations),
        links: show::count(it.links),
        links_ended: show::count(it.links_ended),
        account: match it.account {
            store::JoinedAccount::None => JoinedAccount::None,
            store::JoinedAccount::Kept => JoinedAccount::Kept,
            store::JoinedAccount::Comes => JoinedAccount::Comes,
            store::JoinedAccount::Two => JoinedAccount::Two,
        },
        details: it.details,
        court_order: it.has_order,
        appointments_cancelled: show::count(it.cancelled),
    }
}
