//! Passkeys of the staff, beside a password (OPS-7).

use axum::Json;
use axum::http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use school::{Label, PasskeyId, Refusal, StaffId};
use sha2::{Digest as _, Sha256};
use wire::http::passkey::{
    KnownPasskey, NewPasskey, Passkey, PasskeyAsked, PasskeyDraft, ShownPasskey,
};
use wire::http::second_factor::{OwnPassword, RecoveryCodes, ShownSecondFactor};

use super::extract::{Body, Path};
use super::office::Staff;
use super::office::session::note_failure;
use super::refused::{Refused, millis};
use super::second_factor::{account, digests, new_codes, shows_both, shows_password, told};
use crate::house::House;
use crate::passkey::{self, Algorithm, Asked, CHALLENGE, Ceremony, Made, Site, Unproven};

/// For how long a challenge is good, as long as section 15.1 of the specification has people take.
const GOOD_FOR: SignedDuration = SignedDuration::from_mins(5);

/// How browsers reach authenticators (section 5.8.4, and `hybrid` and `smart-card` of Level 3).
const TRANSPORTS: [&str; 6] = ["usb", "nfc", "ble", "smart-card", "hybrid", "internal"];

/// A passkey that has signed, and what it was asked for.
pub(super) struct Answered<'a> {
    passkey: &'a ShownPasskey,
    bound: [u8; 32],
}

/// What a challenge is bound to: nobody signs in by one that was asked for on a page, or with another password.
fn bound(to: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in to {
        hash.update(part);
        hash.update([0]);
    }
    hash.finalize().into()
}

/// To the password that was shown, at the door.
pub(super) fn bound_at_door(password_hash: &str) -> [u8; 32] {
    bound(&[b"sign in", password_hash.as_bytes()])
}

/// To the session of a page.
fn bound_in_session(staff: &Staff) -> [u8; 32] {
    bound(&[b"session", &staff.token.digest()])
}

/// To the session of a page, and the password that was shown there.
fn bound_to_add(staff: &Staff, password_hash: &str) -> [u8; 32] {
    bound(&[b"add", &staff.token.digest(), password_hash.as_bytes()])
}

/// What a passkey shows at the door, beside that password.
pub(super) fn at_door<'a>(
    password_hash: &str,
    passkey: Option<&'a ShownPasskey>,
) -> Option<Answered<'a>> {
    let bound = bound_at_door(password_hash);
    passkey.map(|passkey| Answered { passkey, bound })
}

/// What it shows on a page of whoever is signed in.
pub(super) fn in_session<'a>(
    staff: &Staff,
    passkey: Option<&'a ShownPasskey>,
) -> Option<Answered<'a>> {
    let bound = bound_in_session(staff);
    passkey.map(|passkey| Answered { passkey, bound })
}

/// What somebody is called by their authenticators: the same for all of them, and nothing of theirs.
fn user(house: &House, staff: StaffId) -> [u8; 32] {
    let school = house.store.school_id().to_string();
    bound(&[
        b"homeroom user",
        school.as_bytes(),
        staff.to_string().as_bytes(),
    ])
}

fn known(passkeys: &[store::Passkey]) -> Vec<KnownPasskey> {
    let known = passkeys.iter().map(|it| KnownPasskey {
        id: passkey::text(&it.credential),
        transports: it
            .transports
            .split(',')
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
            .collect(),
    });
    known.collect()
}

/// Somebody's passkeys are asked to sign, for what `bound` is the digest of.
pub(super) async fn asked(
    house: &House,
    staff: StaffId,
    bound: [u8; 32],
    now: Timestamp,
) -> Result<PasskeyAsked, Refused> {
    let passkeys = house.store.passkeys(staff).await?;
    let site = Site::of(&house.public_url).filter(|_| !passkeys.is_empty());
    let Some(site) = site else {
        return Ok(PasskeyAsked {
            challenge: String::new(),
            domain: String::new(),
            known: Vec::new(),
            timeout_ms: 0,
        });
    };
    Ok(PasskeyAsked {
        challenge: challenge(house, staff, bound, now).await?,
        domain: site.domain,
        known: known(&passkeys),
        timeout_ms: millis(GOOD_FOR.unsigned_abs()),
    })
}

async fn challenge(
    house: &House,
    staff: StaffId,
    bound: [u8; 32],
    now: Timestamp,
) -> Result<String, Refused> {
    let challenge: [u8; CHALLENGE] = ambient::random();
    let digest = Sha256::digest(challenge).into();
    let until = now.checked_add(GOOD_FOR).unwrap_or(now);
    let kept = house
        .store
        .ask_passkey(staff, (&digest, &bound), until, now);
    kept.await?;
    Ok(passkey::text(&challenge))
}

/// A passkey of theirs has signed what it was asked for.
///
/// # Errors
///
/// [`Refused::WrongPasskey`] where that is not so.
pub(super) async fn shown(
    house: &House,
    staff: StaffId,
    answered: &Answered<'_>,
    now: Timestamp,
) -> Result<(), Refused> {
    let proven = proven(house, staff, answered, now).await?;
    let is_good = match proven {
        Ok(counted) => house.store.use_passkey(staff, counted, now).await?,
        Err(unproven) => {
            tracing::debug!(%unproven, "a passkey signs nobody in");
            false
        }
    };
    if is_good {
        return Ok(());
    }
    note_failure(house, &format!("staff:{staff}"), now).await?;
    Err(Refused::WrongPasskey)
}

/// Which of theirs has signed, and what it counts. Whatever comes of it, the challenge is used (section 7.2).
async fn proven(
    house: &House,
    staff: StaffId,
    Answered { passkey, bound }: &Answered<'_>,
    now: Timestamp,
) -> Result<Result<(PasskeyId, u32), Unproven>, Refused> {
    let Some(site) = Site::of(&house.public_url) else {
        return Ok(Err(Unproven::Elsewhere));
    };
    let asked = match Asked::read(&passkey.client_data, Ceremony::Get, &site) {
        Ok(asked) => asked,
        Err(unproven) => return Ok(Err(unproven)),
    };
    let digest = asked.digest();
    let taken = house.store.take_challenge(staff, (&digest, bound), now);
    if !taken.await? {
        return Ok(Err(Unproven::Otherwise));
    }
    let all = house.store.passkeys(staff).await?;
    let found = all
        .iter()
        .find(|it| passkey::text(&it.credential) == passkey.id);
    let is_theirs = |it: &String| *it == passkey::text(&user(house, staff));
    let Some(found) = found.filter(|_| passkey.user.as_ref().is_none_or(is_theirs)) else {
        return Ok(Err(Unproven::Unsigned));
    };
    let Some(algorithm) = Algorithm::of(found.algorithm) else {
        return Ok(Err(Unproven::Unreadable));
    };
    let says = (&*passkey.authenticator_data, &*passkey.signature);
    let count = passkey::signed(&asked, says, (algorithm, &found.public_key), &site);
    Ok(count.map(|count| (found.id, count)))
}

/// Those of whoever is signed in.
pub(super) async fn all(staff: &Staff) -> Result<Vec<Passkey>, Refused> {
    let all = staff.store.passkeys(staff.who.staff).await?;
    let all = all.into_iter().map(|it| Passkey {
        id: it.id.to_string(),
        name: it.name.as_str().to_owned(),
        added: it.added_at.to_string(),
        used: it.used_at.map(|it| it.to_string()),
    });
    Ok(all.collect())
}

/// Whether one more can be added to these.
pub(super) fn has_room(house: &House, passkeys: &[Passkey]) -> bool {
    passkeys.len() < store::MOST_PASSKEYS && Site::of(&house.public_url).is_some()
}

/// `POST /api/v1/staff/second-factor/passkeys/new`.
pub(crate) async fn new(
    staff: Staff,
    Body(asked): Body<OwnPassword>,
) -> Result<Json<NewPasskey>, Refused> {
    let (house, who) = (&staff.house, staff.who.staff);
    let site = Site::of(&house.public_url).ok_or(Refusal::NotFound)?;
    let hash = shows_password(&staff, asked.password).await?;
    let now = ambient::now();
    let bound = bound_to_add(&staff, &hash);
    Ok(Json(NewPasskey {
        challenge: challenge(house, who, bound, now).await?,
        domain: site.domain,
        school: staff.store.school().await?.name.as_str().to_owned(),
        user: passkey::text(&user(house, who)),
        email: account(&staff.store, who).await?.email.reveal().to_owned(),
        name: staff.who.name.reveal().to_owned(),
        known: known(&staff.store.passkeys(who).await?),
        timeout_ms: millis(GOOD_FOR.unsigned_abs()),
    }))
}

/// `POST /api/v1/staff/second-factor/passkeys`.
pub(crate) async fn add(
    staff: Staff,
    Body(asked): Body<PasskeyDraft>,
) -> Result<Json<RecoveryCodes>, Refused> {
    let (house, who) = (&staff.house, staff.who.staff);
    let name = Label::read(&asked.name)?;
    let site = Site::of(&house.public_url).ok_or(Refusal::NotFound)?;
    let wrong = |unproven: Unproven| {
        tracing::debug!(%unproven, "a passkey cannot be added");
        Refused::WrongPasskey
    };
    let said = Asked::read(&asked.client_data, Ceremony::Create, &site).map_err(wrong)?;
    let key = (&*asked.public_key, i64::from(asked.algorithm));
    let made = Made::read(&asked.authenticator_data, key, &site).map_err(wrong)?;
    // The password was shown when it was asked for, and is the same still.
    let hash = account(&staff.store, who).await?.password_hash;
    let now = ambient::now();
    let bound = bound_to_add(&staff, &hash);
    let digest = said.digest();
    let taken = staff.store.take_challenge(who, (&digest, &bound), now);
    if !taken.await? {
        return Err(Refused::WrongPasskey);
    }
    let transports = TRANSPORTS.into_iter();
    let transports = transports.filter(|word| asked.transports.iter().any(|it| it == word));
    let transports: Vec<&str> = transports.collect();
    let new = store::NewPasskey {
        credential: &made.credential,
        public_key: &made.public_key,
        algorithm: made.algorithm.number().into(),
        sign_count: made.count,
        transports: &transports.join(","),
        name: &name,
    };
    let (codes, session) = (new_codes(), staff.token.digest());
    let begins = staff
        .store
        .add_passkey((who, &hash), new, &digests(&codes), &session, now)
        .await?;
    Ok(told(if begins { &codes } else { &[] }))
}

/// `POST /api/v1/staff/second-factor/passkeys/ask`.
pub(crate) async fn ask(staff: Staff) -> Result<Json<PasskeyAsked>, Refused> {
    let email = account(&staff.store, staff.who.staff).await?.email;
    staff.house.sign_ins.take_again(&email.key())?;
    let bound = bound_in_session(&staff);
    let asked = asked(&staff.house, staff.who.staff, bound, ambient::now());
    asked.await.map(Json)
}

/// `POST /api/v1/staff/second-factor/passkeys/{passkey}/remove`.
pub(crate) async fn remove(
    staff: Staff,
    Path(id): Path<PasskeyId>,
    Body(asked): Body<ShownSecondFactor>,
) -> Result<StatusCode, Refused> {
    let now = shows_both(&staff, asked).await?;
    staff.store.remove_passkey(staff.who.staff, id, now).await?;
    Ok(StatusCode::NO_CONTENT)
}
