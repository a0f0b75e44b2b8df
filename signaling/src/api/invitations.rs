//! A parent's invitations (INV-1 to INV-7, LINK-2, LINK-3).

use std::collections::BTreeSet;

use axum::Json;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use school::consent::{Consent, How, WORDING, WORDS};
use school::invitation::State as Stage;
use school::{ContactId, EmailAddress, EveningId, InvitationId, Name, Refusal};
use store::{Actor, Invitation, NewInvitation, Store};
use wire::http::LinkRequest;
use wire::http::parent::{
    AddressRequest, InvitationView, InvitationsView, InviteRequest, Invited, Wording,
};

use super::ask::{self, Count, Parent, Shared};
use super::extract::Path;
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
        wording: Wording {
            version: WORDING.to_string(),
            text: WORDS.to_owned(),
        },
    })
}

/// `POST /api/v1/links/{id}/invitations`: "Send Invite".
pub(crate) async fn invite(
    State(house): State<Shared>,
    Path(id): Path<String>,
    request: Request,
) -> Result<Json<Invited>, Refused> {
    let (parent, asked): (_, InviteRequest) =
        ask::parent(&house, &id, request, Count::Request).await?;
    let new = read(&parent, &asked)?;
    let invitation = parent
        .store
        .invite(
            parent.contact,
            parent.held.evening.id,
            &new,
            Some(ask::attempt(&asked.attempt)?),
            Actor::Parent(parent.contact),
            parent.now,
        )
        .await?;
    house.news.tell([parent.link()]);
    house.wake_post();
    Ok(Json(outcome(&invitation)))
}

/// Checks the form as a whole, so that the page can show all that is missing at once.
fn read(parent: &Parent, asked: &InviteRequest) -> Result<NewInvitation, Refused> {
    let name = Name::read(&asked.name);
    let email = EmailAddress::read(&asked.email);
    let wording = asked.wording.parse().unwrap_or_default();
    let consent = Consent::check(asked.consent, wording, How::Page, parent.now);
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
    State(house): State<Shared>,
    Path((id, invitation)): Path<(String, String)>,
    request: Request,
) -> Result<Json<InvitationView>, Refused> {
    let (parent, _): (_, LinkRequest) = ask::parent(&house, &id, request, Count::Request).await?;
    let invitation = own(&parent, &invitation).await?.id;
    parent
        .store
        .resend(invitation, Actor::Parent(parent.contact), parent.now)
        .await?;
    house.news.tell([parent.link()]);
    house.wake_post();
    let now = own(&parent, &invitation.to_string()).await?;
    Ok(Json(show::invitation(&now)))
}

/// `POST /api/v1/links/{id}/invitations/{invitation}/remove`: the guest is out within 2 s.
pub(crate) async fn remove(
    State(house): State<Shared>,
    Path((id, invitation)): Path<(String, String)>,
    request: Request,
) -> Result<StatusCode, Refused> {
    let (parent, _): (_, LinkRequest) = ask::parent(&house, &id, request, Count::Request).await?;
    let invitation = own(&parent, &invitation).await?.id;
    let died = parent
        .store
        .remove_invitation(invitation, Actor::Parent(parent.contact), parent.now)
        .await?;
    house.end(&died).await;
    house.news.tell([parent.link()]);
    house.wake_post();
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /api/v1/links/{id}/invitations/{invitation}/address`: a new link, the old one dead.
pub(crate) async fn change_address(
    State(house): State<Shared>,
    Path((id, invitation)): Path<(String, String)>,
    request: Request,
) -> Result<Json<Invited>, Refused> {
    let (parent, asked): (_, AddressRequest) =
        ask::parent(&house, &id, request, Count::Request).await?;
    let email = EmailAddress::read(&asked.email)?;
    let invitation = own(&parent, &invitation).await?.id;
    let died = parent
        .store
        .change_address(
            invitation,
            &email,
            Actor::Parent(parent.contact),
            parent.now,
        )
        .await?;
    house.end(&died).await;
    house.news.tell([parent.link()]);
    house.wake_post();
    let now = own(&parent, &invitation.to_string()).await?;
    Ok(Json(outcome(&now)))
}

/// An invitation of the parent's, in the evening that their link is for.
async fn own(parent: &Parent, invitation: &str) -> Result<Invitation, Refused> {
    let id: InvitationId = ask::id(invitation)?;
    let all = parent
        .store
        .invitations(parent.contact, parent.held.evening.id)
        .await?;
    all.invitations
        .into_iter()
        .find(|one| one.id == id)
        .ok_or(Refused::Rule(Refusal::NotFound))
}
