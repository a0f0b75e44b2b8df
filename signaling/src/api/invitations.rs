//! A parent's invitations (INV-1 to INV-7, LINK-2, LINK-3).

use std::collections::BTreeSet;

use axum::Json;
use axum::http::StatusCode;
use jiff::Timestamp;
use school::consent::{Consent, How, WORDING, WORDS};
use school::invitation::State as Stage;
use school::{ContactId, EmailAddress, EveningId, InvitationId, Name, Refusal};
use store::{Invitation, NewInvitation, Store};
use wire::http::LinkRequest;
use wire::http::parent::{
    AddressRequest, DeclinedView, InvitationView, InvitationsView, InviteRequest, Invited, Wording,
};

use super::ask;
use super::by_link::Parent;
use super::refused::Refused;
use super::show;

/// The invitations on the parent's page.
pub(super) async fn of(
    store: &Store,
    parent: ContactId,
    evening: EveningId,
) -> Result<InvitationsView, Refused> {
    let all = store.invitations(parent, evening).await?;
    Ok(InvitationsView {
        sent: all.invitations.iter().map(show::invitation).collect(),
        left: all
            .students
            .iter()
            .filter(|(_, _, covered)| covered.is_none())
            .map(|(id, _, _)| id.to_string())
            .collect(),
        declined: all
            .declined
            .iter()
            .map(|one| DeclinedView {
                name: show::name(&one.name),
                reason: one.reason.reveal().to_owned(),
            })
            .collect(),
        wording: Wording {
            version: WORDING.to_string(),
            text: WORDS.to_owned(),
        },
    })
}

/// `POST /api/v1/links/{id}/invitations`: "Send Invite".
pub(crate) async fn invite(parent: Parent<InviteRequest>) -> Result<Json<Invited>, Refused> {
    let new = read(&parent.asked, parent.now)?;
    let invitation = parent
        .store
        .invite(
            parent.contact,
            parent.evening.id,
            &new,
            Some(ask::attempt(&parent.asked.attempt)?),
            parent.actor(),
            parent.now,
        )
        .await?;
    parent.house.live.news.tell([parent.link()]);
    parent.house.wake_post();
    Ok(Json(outcome(&invitation)))
}

/// Checks the form as a whole, so that the page can show all that is missing at once.
fn read(asked: &InviteRequest, now: Timestamp) -> Result<NewInvitation, Refused> {
    let name = Name::read(&asked.name);
    let email = EmailAddress::read(&asked.email);
    let wording = asked.wording.parse().unwrap_or_default();
    let consent = Consent::check(asked.consent, wording, How::Page, now);
    match (name, email, consent) {
        (Ok(name), Ok(email), Ok(consent)) => Ok(NewInvitation {
            name,
            email,
            students: asked
                .students
                .iter()
                .map(|id| ask::id(id))
                .collect::<Result<BTreeSet<_>, _>>()?,
            consent,
        }),
        (Ok(_), Ok(_), Err(refusal)) => Err(Refused::Rule(refusal)),
        (name, email, consent) => {
            let wrong = [
                ("name", name.err()),
                ("email", email.err()),
                ("consent", consent.err()),
            ];
            let wrong = wrong
                .into_iter()
                .filter_map(|(field, it)| Some((field, it?)));
            Err(Refused::Fields(wrong.collect()))
        }
    }
}

fn outcome(invitation: &Invitation) -> Invited {
    match invitation.state {
        Stage::Held => Invited::NeedsApproval {},
        Stage::Sent | Stage::Removed => Invited::Sent {
            invitation: show::invitation(invitation),
        },
    }
}

/// `POST /api/v1/links/{id}/invitations/{invitation}/resend`: the same link once more.
pub(crate) async fn resend(
    parent: Parent<LinkRequest, InvitationId>,
) -> Result<Json<InvitationView>, Refused> {
    let invitation = own(&parent, parent.path).await?.id;
    parent
        .doing()
        .perform(|it| async move { it.store.resend(invitation, it.by, it.now).await })
        .await?;
    let now = own(&parent, invitation).await?;
    Ok(Json(show::invitation(&now)))
}

/// `POST /api/v1/links/{id}/invitations/{invitation}/remove`: the guest is out within 2 s.
pub(crate) async fn remove(
    parent: Parent<LinkRequest, InvitationId>,
) -> Result<StatusCode, Refused> {
    let invitation = own(&parent, parent.path).await?.id;
    parent
        .doing()
        .perform(|it| async move {
            let removed = it.store.remove_invitation(invitation, it.by, it.now);
            removed.await
        })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /api/v1/links/{id}/invitations/{invitation}/address`: a new link, the old one dead.
pub(crate) async fn change_address(
    parent: Parent<AddressRequest, InvitationId>,
) -> Result<Json<Invited>, Refused> {
    let email = EmailAddress::read(&parent.asked.email)?;
    let invitation = own(&parent, parent.path).await?.id;
    parent
        .doing()
        .perform(|it| async move {
            let changed = it.store.change_address(invitation, &email, it.by, it.now);
            changed.await
        })
        .await?;
    let now = own(&parent, invitation).await?;
    Ok(Json(outcome(&now)))
}

/// An invitation of the parent's, in the evening that their link is for.
async fn own<T, P>(parent: &Parent<T, P>, id: InvitationId) -> Result<Invitation, Refused> {
    let all = parent
        .store
        .invitations(parent.contact, parent.evening.id)
        .await?;
    all.invitations
        .into_iter()
        .find(|one| one.id == id)
        .ok_or(Refused::Rule(Refusal::NotFound))
}
