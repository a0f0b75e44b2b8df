//! Another address to sign in with, for whoever has an account (DIR-9).

use std::sync::Arc;

use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use school::{EmailAddress, Refusal};
use store::Actor;
use wire::http::account::{AddressConfirm, NewAddressDraft};

use super::account::{Parent, shows_password, welcomed};
use super::extract::Body;
use super::refused::Refused;
use super::secrets;
use crate::deeds::Doing;

/// `PUT /api/v1/account/address`. What is sent there is decided when it is sent: neither the answer nor its time tells
/// whose it is.
pub(crate) async fn ask(
    parent: Parent,
    Body(asked): Body<NewAddressDraft>,
) -> Result<StatusCode, Refused> {
    let email = EmailAddress::read(&asked.email)?;
    let shown = shows_password(&parent, asked.password).await?;
    let (house, account) = (&parent.house, parent.who.account);
    house.limiter.take_new_address(account)?;
    // That others have asked for it is nobody's to know: it waits, and nothing more is sent there.
    let sends = house.limiter.take_new_address_at(&email.key()).is_ok();
    let who = (account, shown.as_str());
    let asked = house
        .store
        .ask_new_address(who, (&email, sends), parent.now);
    match asked.await {
        Err(store::Error::Refused(Refusal::ChangedMeanwhile)) => {
            return Err(Refused::WrongPassword);
        }
        other => other?,
    }
    house.wake_post();
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /api/v1/account/address/resend`: the link is sent once more, and those before open nothing.
pub(crate) async fn resend(parent: Parent) -> Result<StatusCode, Refused> {
    let (house, account) = (&parent.house, parent.who.account);
    house.limiter.take_new_address(account)?;
    let asked = house.store.asked_new_address(account).await?;
    let email = asked.ok_or(Refusal::NotFound)?;
    let sends = house.limiter.take_new_address_at(&email.key()).is_ok();
    house
        .store
        .resend_new_address(account, sends, parent.now)
        .await?;
    house.wake_post();
    Ok(StatusCode::NO_CONTENT)
}

/// `DELETE /api/v1/account/address`.
pub(crate) async fn withdraw(parent: Parent) -> Result<StatusCode, Refused> {
    let (store, account) = (&parent.house.store, parent.who.account);
    store.withdraw_new_address(account, parent.now).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /api/v1/account/address/confirm`: by whoever is signed in, so that an address that was mistyped opens nothing
/// to its reader.
pub(crate) async fn confirm(
    parent: Parent,
    headers: HeaderMap,
    Body(asked): Body<AddressConfirm>,
) -> Result<Response, Refused> {
    let house = Arc::clone(&parent.house);
    let none = || Refused::Rule(Refusal::SetUpDone);
    let digest = secrets::read(&house, &asked.secret, (parent.source, none()))?;
    let whose = (parent.who.account, parent.token.digest());
    let doing = Doing {
        store: house.store.clone(),
        house: Arc::clone(&house),
        by: Actor::Unknown,
        now: parent.now,
    };
    let confirmed = doing.perform(|it| async move {
        let whose = (whose.0, &whose.1);
        it.store.confirm_new_address(whose, &digest, it.now).await
    });
    let email = match confirmed.await {
        Err(Refused::Rule(Refusal::SetUpDone)) => {
            return Err(secrets::wrong(&house, parent.source, none()));
        }
        other => other?,
    };
    house.wake_post();
    welcomed((&house, &headers), &parent.token, &email).await
}
