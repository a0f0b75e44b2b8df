//! A second factor of whoever of the staff signs in by a password (OPS-7).

use axum::Json;
use axum::http::{HeaderMap, StatusCode};
use jiff::Timestamp;
use links::RecoveryCode;
use school::{EmailAddress, Refusal, StaffId};
use store::{By, FactorOutcome, StaffAccount, Store, Tried};
use wire::http::office::LinkShown;
use wire::http::second_factor::{
    NewSecondFactor, OwnPassword, RecoveryCodes, SecondFactor, SecondFactorDraft, ShownSecondFactor,
};

use super::extract::{Body, Path};
use super::office::roles::handed_on;
use super::office::session::note_failure;
use super::office::{Office, Staff};
use super::passkeys::{self, Answered};
use super::refused::Refused;
use crate::authenticator::Authenticator;
use crate::data::without_second_factor;
use crate::device::Device;
use crate::hashing::Line;
use crate::house::House;
use crate::staff_session::At;

/// How many recovery codes there are at a time.
const CODES: usize = 10;

/// What its secrets are locked for.
const PURPOSE: &str = "second factor";

/// A code that was typed, or a passkey in its place, and where.
pub(super) struct Typed<'t> {
    code: Option<&'t str>,
    passkey: Option<Answered<'t>>,
    /// How a browser that is known is counted; none for a stranger's.
    known: Option<String>,
}

impl<'t> Typed<'t> {
    /// At a door where whoever asks may be anybody.
    pub(super) const fn by_stranger(code: Option<&'t str>) -> Self {
        Self {
            code,
            passkey: None,
            known: None,
        }
    }

    /// A passkey was shown besides.
    pub(super) fn or(self, passkey: Option<Answered<'t>>) -> Self {
        Self { passkey, ..self }
    }

    /// Where somebody signs in with that address.
    pub(super) fn at_door(
        house: &House,
        headers: &HeaderMap,
        (code, email): (Option<&'t str>, &EmailAddress),
    ) -> Self {
        let known = (&house.keyring, &house.public_url);
        let device = Device::read(headers, (At::Office, &email.key()), known);
        Self {
            code,
            passkey: None,
            known: device.map(|it| format!("{it:?}")),
        }
    }

    /// On a page of whoever is signed in.
    fn signed_in(staff: &Staff, shown: &'t ShownSecondFactor) -> Self {
        Self {
            code: Some(&shown.code),
            passkey: passkeys::in_session(staff, shown.passkey.as_ref()),
            known: Some(format!("staff {}", staff.who.staff)),
        }
    }
}

/// Whoever has shown the password of an account shows its second factor too, where it has one: since when.
///
/// # Errors
///
/// [`Refused::CodeNeeded`] where none was shown, [`Refused::WrongCode`], [`Refused::WrongPasskey`],
/// [`Refused::CodeUnreadable`] where only recovery codes are good any more, and [`Refused::CodesStopped`] where too
/// many were wrong.
pub(super) async fn shown(
    house: &House,
    staff: StaffId,
    typed: Typed<'_>,
    now: Timestamp,
) -> Result<Option<Timestamp>, Refused> {
    let Some(factor) = house.store.second_factor(staff).await? else {
        return Ok(None);
    };
    if let Some(passkey) = &typed.passkey {
        passkeys::shown(house, staff, passkey, now).await?;
        return Ok(Some(factor.since));
    }
    let code = typed.code.map(str::trim).filter(|it| !it.is_empty());
    let code = code.ok_or(Refused::CodeNeeded)?;
    if let Some(known) = &typed.known {
        let taken = house.sign_ins.take_code(known);
        taken.map_err(|it| Refused::CodesStopped(it.retry_after))?;
    }
    let recovery = RecoveryCode::read(code).map(|it| it.digest());
    let tried = match &recovery {
        Some(digest) => Tried::Recovery(digest),
        None => match &factor.locked {
            None => Tried::Wrong,
            Some(locked) => {
                let secret = house.keyring.unlock(PURPOSE, locked);
                let Some(app) = secret.as_deref().and_then(Authenticator::read) else {
                    tracing::warn!("the keys are lost that second steps were locked with");
                    return Err(Refused::CodeUnreadable);
                };
                app.step_of(code, now).map_or(Tried::Wrong, Tried::Step)
            }
        },
    };
    let by = if typed.known.is_some() {
        By::Known
    } else {
        By::Stranger
    };
    let outcome = house.store.try_second_factor(staff, (tried, by), now);
    match outcome.await? {
        FactorOutcome::Right => Ok(Some(factor.since)),
        FactorOutcome::Wrong => {
            note_failure(house, &format!("staff:{staff}"), now).await?;
            Err(Refused::WrongCode)
        }
        FactorOutcome::Stopped(until) => {
            let wait = until.duration_since(now);
            Err(Refused::CodesStopped(wait.try_into().unwrap_or_default()))
        }
    }
}

/// Whoever changes how they sign in shows the password once more: an open page is not enough. The hash of
/// the password that was right.
pub(super) async fn shows_password(staff: &Staff, password: String) -> Result<String, Refused> {
    let account = account(&staff.store, staff.who.staff).await?;
    is_right(&staff.house, account, password).await
}

/// The same of whoever does it to somebody else. Whom the school's provider alone signs in has none to show.
async fn shows_own(
    (house, store, own): (&House, &Store, StaffId),
    password: String,
) -> Result<(), Refused> {
    let account = account(store, own).await?;
    let is_by_provider = house.is_only_by_provider() && !account.is_last_resort;
    if account.password_hash.is_empty() || is_by_provider {
        return Ok(());
    }
    is_right(house, account, password).await.map(drop)
}

/// They show a code as well, or a passkey: when.
pub(super) async fn shows_both(
    staff: &Staff,
    mut asked: ShownSecondFactor,
) -> Result<Timestamp, Refused> {
    shows_password(staff, std::mem::take(&mut asked.password)).await?;
    let now = ambient::now();
    let typed = Typed::signed_in(staff, &asked);
    shown(&staff.house, staff.who.staff, typed, now).await?;
    Ok(now)
}

async fn is_right(
    house: &House,
    account: StaffAccount,
    password: String,
) -> Result<String, Refused> {
    let own = account.email.key();
    house.sign_ins.take_again(&own)?;
    let hash = account.password_hash;
    let kept = Some(hash.clone());
    let line = Line::Known(own.as_bytes());
    let is_right = house.passwords.is_password(line, password, kept);
    if is_right.await? {
        Ok(hash)
    } else {
        Err(Refused::WrongPassword)
    }
}

pub(super) async fn account(store: &Store, staff: StaffId) -> Result<StaffAccount, Refused> {
    let accounts = store.staff().await?;
    let mut accounts = accounts.into_iter();
    let account = accounts.find(|it| it.id == staff);
    account.ok_or(Refused::NotSignedIn)
}

pub(super) fn new_codes() -> Vec<RecoveryCode> {
    let mut rng = ambient::rng();
    (0..CODES).map(|_| RecoveryCode::random(&mut rng)).collect()
}

pub(super) fn digests(codes: &[RecoveryCode]) -> Vec<[u8; 32]> {
    codes.iter().map(RecoveryCode::digest).collect()
}

pub(super) fn told(codes: &[RecoveryCode]) -> Json<RecoveryCodes> {
    Json(RecoveryCodes {
        codes: codes.iter().map(RecoveryCode::expose).collect(),
    })
}

/// `GET /api/v1/staff/second-factor`.
pub(crate) async fn view(staff: Staff) -> Result<Json<SecondFactor>, Refused> {
    let factor = staff.store.second_factor(staff.who.staff).await?;
    let passkeys = passkeys::all(&staff).await?;
    Ok(Json(SecondFactor {
        since: factor.as_ref().map(|it| it.since.to_string()),
        codes_left: factor.as_ref().map_or(0, |it| it.codes_left),
        app: factor.is_some_and(|it| it.locked.is_some()),
        takes_passkeys: passkeys::has_room(&staff.house, &passkeys),
        passkeys,
    }))
}

/// `POST /api/v1/staff/second-factor/new`.
pub(crate) async fn new(staff: Staff) -> Result<Json<NewSecondFactor>, Refused> {
    let school = staff.store.school().await?;
    let account = account(&staff.store, staff.who.staff).await?;
    let email = account.email.reveal();
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
    let hash = shows_password(&staff, asked.password).await?;
    let now = ambient::now();
    let step = authenticator.step_of(&asked.code, now);
    let step = step.ok_or(Refused::WrongCode)?;
    let codes = new_codes();
    let factor = staff.store.second_factor(who).await?;
    if let Some(locked) = factor.and_then(|it| it.locked) {
        // The press whose answer was lost is made again: it is answered again.
        let stands = house.keyring.unlock(PURPOSE, &locked);
        if stands != Some(authenticator.secret()) {
            return Err(Refusal::ChangedMeanwhile.into());
        }
        let renewed = digests(&codes);
        staff.store.renew_recovery_codes(who, &renewed, now).await?;
        return Ok(told(&codes));
    }
    let locked = house
        .keyring
        .lock(PURPOSE, &authenticator.secret(), &mut ambient::rng())
        .ok_or(Refused::Unavailable)?;
    let (own, session) = ((who, hash.as_str()), staff.token.digest());
    let begins = house
        .store
        .add_second_factor(own, (&locked, step), &digests(&codes), &session, now)
        .await?;
    Ok(told(if begins { &codes } else { &[] }))
}

/// `POST /api/v1/staff/second-factor/codes`.
pub(crate) async fn renew_codes(
    staff: Staff,
    Body(asked): Body<ShownSecondFactor>,
) -> Result<Json<RecoveryCodes>, Refused> {
    let who = staff.who.staff;
    let now = shows_both(&staff, asked).await?;
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
    let now = shows_both(&staff, asked).await?;
    let by = store::Actor::Staff(who);
    staff.store.remove_second_factor(who, by, now).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /api/v1/members/{member}/second-factor/remove`: of somebody else, who has lost it, and their password
/// with it: the link by which they choose another is shown, to be handed to them. An open page is not enough: who
/// does so shows their own password, where they have one. One's own is taken away with a code.
pub(crate) async fn take_away(
    office: Office,
    Path(id): Path<StaffId>,
    Body(asked): Body<OwnPassword>,
) -> Result<Json<LinkShown>, Refused> {
    let own = office.who.staff;
    if id == own {
        return Err(Refused::CodeNeeded);
    }
    shows_own((&office.house, &office.store, own), asked.password).await?;
    let by = (office.actor(), office.now);
    let link = without_second_factor(&office.store, id, &office.house.public_url, by);
    let link = link.await?;
    Ok(Json(handed_on(&office.house, &link)))
}
