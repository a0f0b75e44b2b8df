//! The staff sign in by the school's provider (OPS-7).

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use jiff::Timestamp;
use school::{Refusal, StaffId};
use store::{Identity, Recognised, Shown, StaffAccount};
use wire::http::openid::{
    OpenidAnswer, OpenidOffer, OpenidRefusal, OpenidReturn, OpenidStart, OpenidStarted,
};
use wire::http::session::Staff;

use super::ask::Shared;
use super::extract::{Anybody, Body, Path};
use super::hats::Opened;
use super::office::Office;
use super::office::session::{begun, note_failure, set_cookie};
use super::refused::Refused;
use crate::house::House;
use crate::openid::{Named, NoAddress, Openid, Unproven, no_cookie};

/// The longest `state` and `code` that are looked at, bytes.
const LONGEST: usize = 4096;

/// `GET /api/v1/openid`: for anybody.
pub(crate) async fn offer(State(house): State<Shared>) -> Json<OpenidOffer> {
    let openid = house.openid.as_deref();
    Json(OpenidOffer {
        name: openid.map(|it| it.name().to_owned()),
        only: openid.is_some_and(Openid::is_only),
    })
}

fn openid(house: &House) -> Result<Arc<Openid>, Refused> {
    let openid = house.openid.as_ref();
    openid
        .map(Arc::clone)
        .ok_or_else(|| Refusal::NotFound.into())
}

/// `POST /api/v1/openid/start`.
pub(crate) async fn start(
    Anybody {
        house, source, now, ..
    }: Anybody,
    Body(asked): Body<OpenidStart>,
) -> Result<Response, Refused> {
    house.sign_ins.take_by_provider(source)?;
    let keys = (&house.keyring, &house.public_url);
    let begun = openid(&house)?
        .begin((&asked.to, asked.choose), keys, now)
        .await;
    let (url, cookie) = begun.map_err(|trouble| {
        tracing::warn!("nobody can sign in by the school's provider: {trouble}");
        Refused::Unavailable
    })?;
    let mut response = Json(OpenidStarted { url }).into_response();
    set_cookie(&mut response, Some(cookie));
    Ok(response)
}

/// `POST /api/v1/openid/session`. Whatever comes of it, what was begun is over.
pub(crate) async fn end(
    Anybody {
        house,
        source,
        headers,
        now,
    }: Anybody,
    Body(asked): Body<OpenidReturn>,
) -> Result<Response, Refused> {
    house.sign_ins.take_by_provider(source)?;
    let openid = openid(&house)?;
    let keys = (&house.keyring, &house.public_url);
    let shown = (asked.state.as_str(), asked.code.as_str());
    if shown.0.len() > LONGEST || shown.1.len() > LONGEST {
        return Err(Refused::BadRequest);
    }
    let named = match openid.end(&headers, shown, keys, now).await {
        Ok(named) => named,
        Err(Unproven::Stale) => return Ok(refused(&house, OpenidRefusal::Stale, (None, None))),
        Err(Unproven::Failed(trouble)) => {
            tracing::warn!("a sign-in by the school's provider failed: {trouble}");
            return Ok(refused(&house, OpenidRefusal::Failed, (None, None)));
        }
    };
    // It may have taken a while.
    let now = ambient::now();
    match recognised(&house, &openid, &named, now).await? {
        Ok((staff, opened, account)) => {
            let to = if staff.office { "/office" } else { "/staff" };
            let answer = OpenidAnswer {
                to: named.to.unwrap_or_else(|| to.to_owned()),
                staff: Some(staff),
                refused: None,
                email: None,
            };
            let mut response = Json(answer).into_response();
            opened.give(&mut response, (&house, &headers), &account.email);
            set_cookie(&mut response, no_cookie(&house.public_url));
            Ok(response)
        }
        Err((refusal, said)) => {
            note_failure(&house, "staff:unknown", now).await?;
            Ok(refused(&house, refusal, (named.to, said)))
        }
    }
}

type SignedIn = (Staff, Opened, StaffAccount);

/// Why somebody is not signed in, and the address that was said.
type Why = (OpenidRefusal, Option<String>);

/// Signs in whoever of the staff that is.
async fn recognised(
    house: &House,
    openid: &Openid,
    named: &Named,
    now: Timestamp,
) -> Result<Result<SignedIn, Why>, Refused> {
    let identity = Identity {
        issuer: openid.issuer(),
        subject: named.subject(),
        client: openid.client(),
    };
    let account = match house.store.recognise(identity, &[], now).await? {
        Recognised::As(account) => account,
        Recognised::Otherwise | Recognised::SecondStep | Recognised::Nobody => {
            match found(house, (openid, named), identity, now).await? {
                Ok(account) => account,
                Err(why) => return Ok(Err(why)),
            }
        }
    };
    let who = (account.id, Some(Shown::Identity(identity)));
    match begun(house, who, (&account.name, &account.email), now).await {
        Ok((staff, opened)) => Ok(Ok((staff, opened, account))),
        // Unbound at this moment, or gone.
        Err(Refused::WrongPassword) => Ok(Err((OpenidRefusal::Stale, None))),
        Err(refused) => Err(refused),
    }
}

/// Finds whoever is not known yet by an address.
async fn found(
    house: &House,
    (openid, named): (&Openid, &Named),
    identity: Identity<'_>,
    now: Timestamp,
) -> Result<Result<StaffAccount, Why>, Refused> {
    let addressed = match openid.addressed(named, now).await {
        Ok(addressed) => addressed,
        Err(trouble) => {
            tracing::warn!("a sign-in by the school's provider failed: {trouble}");
            return Ok(Err((OpenidRefusal::Failed, None)));
        }
    };
    let said = addressed.said;
    let addresses = match addressed.addresses {
        Ok(addresses) => addresses,
        Err(NoAddress::Unsaid) => return Ok(Err((OpenidRefusal::NoAddress, said))),
        Err(NoAddress::Elsewhere) => return Ok(Err((OpenidRefusal::Elsewhere, said))),
    };
    let recognised = house.store.recognise(identity, &addresses, now).await?;
    let refusal = match recognised {
        Recognised::As(account) => {
            house.wake_post();
            return Ok(Ok(account));
        }
        Recognised::Otherwise => OpenidRefusal::Otherwise,
        Recognised::SecondStep => OpenidRefusal::SecondStep,
        Recognised::Nobody => OpenidRefusal::NotEntered,
    };
    Ok(Err((refusal, said)))
}

fn refused(
    house: &House,
    refusal: OpenidRefusal,
    (to, email): (Option<String>, Option<String>),
) -> Response {
    let mut response = Json(OpenidAnswer {
        staff: None,
        to: to.unwrap_or_else(|| "/staff".to_owned()),
        refused: Some(refusal),
        email,
    })
    .into_response();
    set_cookie(&mut response, no_cookie(&house.public_url));
    response
}

/// `DELETE /api/v1/members/{member}/identity`: the next account of the provider's that shows their address is
/// theirs.
pub(crate) async fn unbind(office: Office, Path(id): Path<StaffId>) -> Result<StatusCode, Refused> {
    let by = office.actor();
    office.store.unbind(id, by, office.now).await?;
    Ok(StatusCode::NO_CONTENT)
}
