//! The accounts of the staff: what each is in the school, and who manages which evening (OPS-7).

use std::collections::BTreeSet;

use axum::Json;
use axum::http::StatusCode;
use school::{EmailAddress, EveningId, Name, Rank, StaffId};
use store::StaffAccount;
use wire::http::office::LinkShown;
use wire::http::rooms::{EveningManagers, FormerMember, Member, MemberDraft, Members, RoleDraft};
use wire::http::session::StaffRole;

use super::super::ask;
use super::super::extract::{Body, Path};
use super::super::refused::Refused;
use super::{Office, version};
use crate::data::member_link;
use crate::house::House;
use crate::private::Private;

/// A rank, as pages read it.
pub(in crate::api) const fn role_of(rank: Rank) -> StaffRole {
    match rank {
        Rank::Owner => StaffRole::Owner,
        Rank::Office => StaffRole::Office,
        Rank::Viewer => StaffRole::Viewer,
        Rank::Member => StaffRole::Member,
    }
}

fn rank_of(role: StaffRole) -> Result<Rank, Refused> {
    Rank::of_code(role.code()).ok_or(Refused::BadRequest)
}

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
                role: role_of(it.rank),
                can_sign_in: !it.password_hash.is_empty() || identified.contains(&it.id),
                identified: identified.contains(&it.id),
                second_factor: with_second.contains(&it.id),
            })
            .collect(),
        left: all.iter().filter_map(former).collect(),
    }))
}

/// An account that signs in no longer.
fn former(account: &StaffAccount) -> Option<FormerMember> {
    Some(FormerMember {
        id: account.id.to_string(),
        name: account.name.reveal().to_owned(),
        email: account.email.reveal().to_owned(),
        left: account.disabled_at?.to_string(),
    })
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
    let rank = asked.role.map_or(Ok(Rank::Member), rank_of)?;
    let who = (&name, &email, rank);
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

/// `POST /api/v1/members/{member}/erase`: nothing is left of them; whoever can sign in still is removed first.
pub(crate) async fn erase_member(
    office: Office,
    Path(id): Path<StaffId>,
) -> Result<StatusCode, Refused> {
    office
        .doing()
        .perform(|it| async move { it.store.erase_staff(id, it.by, it.now).await })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `PUT /api/v1/members/{member}/role`.
pub(crate) async fn change(
    office: Office,
    Path(id): Path<StaffId>,
    Body(RoleDraft { role }): Body<RoleDraft>,
) -> Result<StatusCode, Refused> {
    let rank = rank_of(role)?;
    office
        .store
        .set_rank(id, rank, office.actor(), office.now)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /api/v1/evenings/{evening}/managers`.
pub(crate) async fn managers(
    office: Office,
    Path(evening): Path<EveningId>,
) -> Result<Json<EveningManagers>, Refused> {
    let (members, version) = managers_of(&office, evening).await?;
    Ok(Json(EveningManagers {
        members,
        version: Some(version),
    }))
}

/// The ids of who manages an evening, and their version.
async fn managers_of(
    office: &Office,
    evening: EveningId,
) -> Result<(Vec<String>, String), Refused> {
    let all = office.store.managers(evening).await?;
    let members: Vec<_> = all.iter().map(ToString::to_string).collect();
    let version = version::of(&members);
    Ok((members, version))
}

/// `PUT /api/v1/evenings/{evening}/managers`.
pub(crate) async fn change_managers(
    office: Office,
    Path(evening): Path<EveningId>,
    Body(asked): Body<EveningManagers>,
) -> Result<Json<EveningManagers>, Refused> {
    let turn = version::turn(&office).await?;
    let (_, kept) = managers_of(&office, evening).await?;
    version::check(asked.version.as_deref(), &kept)?;
    let whom = asked.members.iter().map(|id| ask::id(id));
    let whom: BTreeSet<StaffId> = whom.collect::<Result<_, Refused>>()?;
    office
        .store
        .set_managers(evening, &whom, office.actor(), office.now)
        .await?;
    drop(turn);
    managers(office, Path(evening)).await
}
