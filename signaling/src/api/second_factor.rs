//! A second factor of whoever of the staff signs in by a password (OPS-7).

use axum::Json;
use axum::http::StatusCode;
use jiff::Timestamp;
use links::RecoveryCode;
use school::{Refusal, StaffId};
use store::{FactorOutcome, Tried};
use wire::http::second_factor::{
    NewSecondFactor, RecoveryCodes, SecondFactor, SecondFactorDraft, ShownSecondFactor,
};

use super::extract::{Body, Path};
use super::office::{Office, Staff};
use super::refused::Refused;
use crate::authenticator::Authenticator;
use crate::hashing::is_password;
use crate::house::House;

/// How many recovery codes there are at a time.
const CODES: usize = 10;

/// What its secrets are locked for.
const PURPOSE: &str = "second factor";

/// Whoever has shown the password of an account shows its second factor too, where it has one.
///
/// # Errors
///
/// [`Refused::CodeNeeded`] where none was shown, [`Refused::WrongCode`], and [`Refused::TooMany`] where too
/// many were wrong.
pub(super) async fn shown(
    house: &House,
    staff: StaffId,
    code: Option<&str>,
    now: Timestamp,
) -> Result<(), Refused> {
    let Some(factor) = house.store.second_factor(staff).await? else {
        return Ok(());
    };
    let code = code.map(str::trim).filter(|it| !it.is_empty());
    let code = code.ok_or(Refused::CodeNeeded)?;
    // Where the keys were lost that locked it, recovery codes are what is left.
    let secret = house.keyring.unlock(PURPOSE, &factor.locked);
    let authenticator = secret.as_deref().and_then(Authenticator::read);
    let step = authenticator.and_then(|it| it.step_of(code, now));
    let recovery = RecoveryCode::read(code).map(|it| it.digest());
    let tried = match (step, &recovery) {
        (Some(step), _) => Tried::Step(step),
        (None, Some(digest)) => Tried::Recovery(digest),
        (None, None) => Tried::Wrong,
    };
    match house.store.try_second_factor(staff, tried, now).await? {
        FactorOutcome::Right => Ok(()),
        FactorOutcome::Wrong => Err(Refused::WrongCode),
        FactorOutcome::Stopped(until) => {
            let wait = until.duration_since(now);
            Err(Refused::TooMany(wait.try_into().unwrap_or_default()))
        }
    }
}

/// Whoever changes how they sign in shows the password once more: an open page is not enough.
async fn shows_password(staff: &Staff, password: String) -> Result<(), Refused> {
    let house = &staff.house;
    let accounts = house.store.staff().await?;
    let account = accounts.into_iter().find(|it| it.id == staff.who.staff);
    let account = account.ok_or(Refused::NotSignedIn)?;
    house.sign_ins.take_again(&account.email.key())?;
    if is_password(password, Some(account.password_hash)).await? {
        Ok(())
    } else {
        Err(Refused::WrongPassword)
    }
}

fn new_codes() -> Vec<RecoveryCode> {
    let mut rng = ambient::rng();
    (0..CODES).map(|_| RecoveryCode::random(&mut rng)).collect()
}

fn digests(codes: &[RecoveryCode]) -> Vec<[u8; 32]> {
    codes.iter().map(RecoveryCode::digest).collect()
}

fn told(codes: &[RecoveryCode]) -> Json<RecoveryCodes> {
    Json(RecoveryCodes {
        codes: codes.iter().map(RecoveryCode::expose).collect(),
    })
}

/// `GET /api/v1/staff/second-factor`.
pub(crate) async fn view(staff: Staff) -> Result<Json<SecondFactor>, Refused> {
    let factor = staff.store.second_factor(staff.who.staff).await?;
    Ok(Json(SecondFactor {
        since: factor.as_ref().map(|it| it.since.to_string()),
        codes_left: factor.map_or(0, |it| it.codes_left),
    }))
}

/// `POST /api/v1/staff/second-factor/new`.
pub(crate) async fn new(staff: Staff) -> Result<Json<NewSecondFactor>, Refused> {
    let school = staff.store.school().await?;
    let accounts = staff.store.staff().await?;
    let account = accounts.iter().find(|it| it.id == staff.who.staff);
    let email = account.map(|it| it.email.reveal()).unwrap_or_default();
    let new = Authenticator::random(school.name.as_str(), email).ok_or(Refused::Unavailable)?;
    Ok(Json(NewSecondFactor {
        secret: new.secret(),
        address: new.address().ok_or(Refused::Unavailable)?,
    }))
}

/// `PUT /api/v1/staff/second-factor`.
pub(crate) async fn add(
    staff: Staff,
    Body(asked): Body<SecondFactorDraft>,
) -> Result<Json<RecoveryCodes>, Refused> {
    let (house, who) = (&staff.house, staff.who.staff);
    let authenticator = Authenticator::read(&asked.secret).ok_or(Refused::BadRequest)?;
    shows_password(&staff, asked.password).await?;
    if staff.store.second_factor(who).await?.is_some() {
        // It is taken away first, with a code of its own.
        return Err(Refusal::ChangedMeanwhile.into());
    }
    let now = ambient::now();
    let step = authenticator.step_of(&asked.code, now);
    let step = step.ok_or(Refused::WrongCode)?;
    let locked = house
        .keyring
        .lock(PURPOSE, &authenticator.secret(), &mut ambient::rng())
        .ok_or(Refused::Unavailable)?;
    let (codes, session) = (new_codes(), staff.token.digest());
    house
        .store
        .add_second_factor(who, (&locked, step), &digests(&codes), &session, now)
        .await?;
    Ok(told(&codes))
}

/// `POST /api/v1/staff/second-factor/codes`.
pub(crate) async fn renew_codes(
    staff: Staff,
    Body(asked): Body<ShownSecondFactor>,
) -> Result<Json<RecoveryCodes>, Refused> {
    let who = staff.who.staff;
    shows_password(&staff, asked.password).await?;
    let now = ambient::now();
    shown(&staff.house, who, Some(&asked.code), now).await?;
    let codes = new_codes();
    staff
        .store
        .renew_recovery_codes(who, &digests(&codes), now)
        .await?;
    Ok(told(&codes))
}

/// `POST /api/v1/staff/second-factor/remove`.
pub(crate) async fn remove(
    staff: Staff,
    Body(asked): Body<ShownSecondFactor>,
) -> Result<StatusCode, Refused> {
    let who = staff.who.staff;
    shows_password(&staff, asked.password).await?;
    let now = ambient::now();
    shown(&staff.house, who, Some(&asked.code), now).await?;
    let by = store::Actor::Staff(who);
    staff.store.remove_second_factor(who, by, now).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `DELETE /api/v1/members/{member}/second-factor`: of somebody else, who has lost it. One's own is taken
/// away with a code.
pub(crate) async fn take_away(
    office: Office,
    Path(id): Path<StaffId>,
) -> Result<StatusCode, Refused> {
    if id == office.who.staff {
        return Err(Refused::CodeNeeded);
    }
    let removed = office
        .store
        .remove_second_factor(id, office.actor(), office.now);
    removed.await?;
    Ok(StatusCode::NO_CONTENT)
}
