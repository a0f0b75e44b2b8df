//! A contact who was invited registers (DIR-5).

use axum::Json;
use axum::response::Response;
use links::Secret;
use store::{KnownAccount, Registering, Registration, RegistrationState};
use wire::http::account::{OfferState, RegisterRequest, RegistrationCheck, RegistrationOffer};

use super::account::signed_in;
use super::extract::{Anybody, Body, SignInTried};
use super::office::session::set_up_digest;
use super::refused::Refused;
use super::show;
use crate::hashing::{hashed, is_password};
use crate::house::House;
use crate::staff_session;

/// `POST /api/v1/register/check`. It uses nothing.
pub(crate) async fn check(
    Anybody { house, now, .. }: Anybody<SignInTried>,
    Body(asked): Body<RegistrationCheck>,
) -> Result<Json<RegistrationOffer>, Refused> {
    let found = found(&house, &asked.secret, now).await?;
    let school = house.store.school().await?;
    let is_anothers = found.account.as_ref().is_some_and(|it| it.is_anothers);
    Ok(Json(RegistrationOffer {
        state: match found.state {
            RegistrationState::Open if is_anothers => OfferState::Shared,
            RegistrationState::Open => OfferState::Open,
            RegistrationState::Expired => OfferState::Expired,
            RegistrationState::Replaced => OfferState::Replaced,
            RegistrationState::Registered => OfferState::Registered,
        },
        school: school.name.as_str().to_owned(),
        name: show::name(&found.name),
        email: found.email.reveal().to_owned(),
        students: found.students.iter().map(show::name).collect(),
        until: found.until.to_string(),
        time_zone: school.zone,
        has_account: found.account.is_some(),
    }))
}

/// `POST /api/v1/register`: whoever has registered is signed in at once.
pub(crate) async fn register(
    Anybody { house, source, .. }: Anybody,
    Body(asked): Body<RegisterRequest>,
) -> Result<Response, Refused> {
    house.sign_ins.take(source)?;
    let digest = set_up_digest(&asked.secret)?;
    let found = found(&house, &asked.secret, ambient::now()).await?;
    let how = match &found.account {
        Some(KnownAccount {
            id, password_hash, ..
        }) => {
            let account = format!("account {}", found.email.key());
            house.sign_ins.wait(&account, source, None).await?;
            if !is_password(asked.password, Some(password_hash.clone())).await? {
                return Err(Refused::WrongPassword);
            }
            Registering::With(*id)
        }
        None => {
            let school = house.store.school().await?;
            let about = [
                school.name.as_str(),
                found.name.reveal(),
                found.email.reveal(),
            ];
            school::password::check_for(&asked.password, &about)
                .map_err(|refusal| Refused::Fields(vec![("password", refusal)]))?;
            Registering::Anew(hashed(asked.password).await?)
        }
    };
    // It may have waited for its turn.
    let now = ambient::now();
    let (account, email) = house.store.register(&digest, how, now).await?;
    signed_in(&house, account, &email, now).await
}

async fn found(house: &House, secret: &str, now: jiff::Timestamp) -> Result<Registration, Refused> {
    let secret = Secret::read(secret).ok_or(Refused::NoSuchLink)?;
    let digest = staff_session::digest(&secret);
    let found = house.store.registration(&digest, now).await?;
    found.ok_or(Refused::NoSuchLink)
}
