//! Setting up, signing in and out.

use axum::Json;
use axum::extract::State;
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse as _, Response};
use jiff::Timestamp;
use school::{EmailAddress, Label, Name, Rank, Refusal, StaffId, Standing};
use store::{AccountOfLink, Action, Actor, NewStaff, School, Shown, StaffAccount};
use wire::http::passkey::PasskeyAsked;
use wire::http::school::SchoolView;
use wire::http::session::{SetupCheck, SetupOffer, SetupRequest, SignIn, Staff};

use super::super::ask::Shared;
use super::super::extract::{Anybody, Body};
use super::super::hats::{self, Opened};
use super::super::passkeys;
use super::super::refused::Refused;
use super::super::second_factor::{self, Typed};
use super::super::secrets;
use super::super::show;
use super::Staff as SignedInStaff;
use super::roles::role_of;
use crate::device::Device;
use crate::hashing::Line;
use crate::house::House;
use crate::limits::Source;
use crate::staff_session::At;

/// `GET /api/v1/school`: for anybody.
pub(crate) async fn school(State(house): State<Shared>) -> Result<Json<SchoolView>, Refused> {
    let school = house.store.school().await?;
    Ok(Json(SchoolView {
        name: school.name.as_str().to_owned(),
        is_set_up: !house.store.needs_set_up().await?,
        contact: show::contact(&school),
    }))
}

/// `POST /api/v1/setup/check`: whether a set-up link is good still, and for whom.
pub(crate) async fn check_set_up(
    Anybody {
        house, source, now, ..
    }: Anybody,
    Body(asked): Body<SetupCheck>,
) -> Result<Json<SetupOffer>, Refused> {
    let (_, account) = of_secret(&house, &asked.secret, (source, now)).await?;
    if account.is_some() && house.is_only_by_provider() {
        return Err(Refusal::SetUpDone.into());
    }
    let second_factor = match &account {
        Some(account) => house.store.second_factor(account.id).await?.is_some(),
        None => false,
    };
    Ok(Json(SetupOffer {
        email: account.map(|it| it.email.reveal().to_owned()),
        second_factor,
    }))
}

/// `POST /api/v1/setup`: makes the first administrator, or has one who was added choose a password;
/// they are signed in at once.
pub(crate) async fn set_up(
    Anybody {
        house,
        source,
        headers,
        now,
    }: Anybody,
    Body(asked): Body<SetupRequest>,
) -> Result<Response, Refused> {
    let (digest, account) = of_secret(&house, &asked.secret, (source, now)).await?;
    house.sign_ins.take_by_secret(&digest)?;
    let store = &house.store;
    if let Some(account) = account {
        if house.is_only_by_provider() {
            return Err(Refusal::SetUpDone.into());
        }
        let at = (&*house, &headers);
        return choose_password(at, (&account, &digest), asked, now).await;
    }
    let school = Label::read(&asked.school);
    let name = Name::read(&asked.name);
    let email = EmailAddress::read(&asked.email);
    let about = [&asked.school, &asked.name, &asked.email].map(String::as_str);
    let password = school::password::check_for(&asked.password, &about);
    let settings = settings(&asked, store.school().await?);
    let (school_name, name, email, settings) = match (school, name, email, password, settings) {
        (Ok(school), Ok(name), Ok(email), Ok(()), Ok(settings)) => (school, name, email, settings),
        (school, name, email, password, settings) => {
            let wrong = [
                ("school", school.err()),
                ("name", name.err()),
                ("email", email.err()),
                ("password", password.err()),
            ];
            let wrong = wrong
                .into_iter()
                .filter_map(|(field, it)| Some((field, it?)));
            return Err(Refused::Fields(wrong.chain(settings.err()).collect()));
        }
    };
    let staff = NewStaff {
        name: name.clone(),
        email: email.clone(),
        password_hash: house.passwords.hashed(&digest, asked.password).await?,
        rank: Rank::Owner,
    };
    let id = store.set_up(&digest, &staff, now).await?;
    let school = School {
        name: school_name,
        ..settings
    };
    store.change_school(&school, Actor::Staff(id), now).await?;
    let who = (&name, &email);
    signed_in((&house, &headers), (id, None), who, now).await
}

/// Whose a set-up link is: nobody's yet, where it makes the first administrator.
async fn of_secret(
    house: &House,
    secret: &str,
    (source, now): (Source, Timestamp),
) -> Result<([u8; 32], Option<AccountOfLink>), Refused> {
    let none = Refused::Rule(Refusal::SetUpDone);
    let digest = secrets::read(house, secret, (source, none))?;
    match house.store.check_set_up(&digest, now).await {
        Err(store::Error::Refused(none)) => Err(secrets::wrong(house, source, none.into())),
        found => {
            let account = found?;
            secrets::right(house, &digest)?;
            Ok((digest, account))
        }
    }
}

/// Whoever has the link chooses the password of its account, and shows the second factor where there is one:
/// a mailbox that somebody else reads is not enough.
async fn choose_password(
    (house, headers): (&House, &HeaderMap),
    (account, digest): (&AccountOfLink, &[u8; 32]),
    asked: SetupRequest,
    now: Timestamp,
) -> Result<Response, Refused> {
    let store = &house.store;
    let school = store.school().await?;
    let (name, email) = (&account.name, &account.email);
    let about = [school.name.as_str(), name.reveal(), email.reveal()];
    school::password::check_for(&asked.password, &about)
        .map_err(|refusal| Refused::Fields(vec![("password", refusal)]))?;
    let hash = house.passwords.hashed(digest, asked.password).await?;
    // Whoever asks has nothing but the mailbox: they are a stranger.
    let typed = Typed::by_stranger(asked.code.as_deref());
    second_factor::shown(house, account.id, typed, now).await?;
    let id = store.take_up(digest, &hash, now).await?;
    signed_in((house, headers), (id, None), (name, email), now).await
}

/// The school's settings, with the time zone and the contact that were given, or the field that is
/// wrong.
fn settings(asked: &SetupRequest, school: School) -> Result<School, (&'static str, Refusal)> {
    let zone = match asked.time_zone.trim() {
        "" => school.zone.clone(),
        zone => {
            school::evening::zone(zone).map_err(|it| ("time_zone", it))?;
            zone.to_owned()
        }
    };
    let contact_email = match EmailAddress::read(&asked.contact_email) {
        Ok(address) => address.reveal().to_owned(),
        Err(Refusal::EmailMissing) => school.contact_email.clone(),
        Err(refusal) => return Err(("contact_email", refusal)),
    };
    let contact_phone = school::text::read_line(&asked.contact_phone);
    Ok(School {
        zone,
        contact_email,
        contact_phone: contact_phone.map_err(|it| ("contact_phone", it))?,
        ..school
    })
}

/// `POST /api/v1/session`: signs in.
pub(crate) async fn sign_in(
    anybody: Anybody,
    Body(asked): Body<SignIn>,
) -> Result<Response, Refused> {
    let (account, now) = with_password(&anybody, (&asked.email, asked.password)).await?;
    let house = &*anybody.house;
    let code = (asked.code.as_deref(), &account.email);
    let hash = &account.password_hash;
    let passkey = passkeys::at_door(hash, asked.passkey.as_ref());
    let typed = Typed::at_door(house, &anybody.headers, code).or(passkey);
    let factor = second_factor::shown(house, account.id, typed, now).await?;
    let shown = Shown::Password { hash, factor };
    let who = (&account.name, &account.email);
    let at = (house, &anybody.headers);
    signed_in(at, (account.id, Some(shown)), who, now).await
}

/// `POST /api/v1/session/passkey`: whoever has a second factor is on the way in, at either door.
pub(crate) async fn ask_passkey(
    anybody: Anybody,
    Body(asked): Body<SignIn>,
) -> Result<Json<PasskeyAsked>, Refused> {
    let (account, now) = with_password(&anybody, (&asked.email, asked.password)).await?;
    let bound = passkeys::bound_at_door(&account.password_hash);
    let asked = passkeys::asked(&anybody.house, account.id, bound, now);
    asked.await.map(Json)
}

/// Somebody of the staff shows their password: who, and when it was looked at.
async fn with_password(
    anybody: &Anybody,
    (email, password): (&str, String),
) -> Result<(StaffAccount, Timestamp), Refused> {
    let (house, source) = (&*anybody.house, anybody.source);
    let Ok(email) = EmailAddress::read(email) else {
        house.sign_ins.wait_at_none(source).await?;
        let at_none = house.passwords.is_password(Line::Strangers, password, None);
        at_none.await?;
        note_failure(house, "staff:unknown", ambient::now()).await?;
        return Err(Refused::WrongPassword);
    };
    let (account, known) = (email.key(), (&house.keyring, &house.public_url));
    let device = Device::read(&anybody.headers, (At::Office, &account), known);
    let attempt = house.sign_ins.wait(&account, source, device).await?;
    let line = Device::line(device, &account);
    let account = house.store.staff_by_email(&email).await?;
    // It may have waited for its turn.
    let now = ambient::now();
    let account = account.filter(|it| !it.password_hash.is_empty());
    let account = account.filter(|it| it.is_last_resort || !house.is_only_by_provider());
    let kept = account.as_ref().map(|it| it.password_hash.clone());
    let is_right = house.passwords.is_password(line, password, kept);
    if is_right.await?
        && let Some(account) = account
    {
        house.sign_ins.right(&attempt, &email.key());
        return Ok((account, now));
    }
    note_failure(house, "staff:unknown", now).await?;
    Err(Refused::WrongPassword)
}

/// The audit log says that somebody tried, and does not say more often than it is good for.
pub(in crate::api) async fn note_failure(
    house: &House,
    at: &str,
    now: Timestamp,
) -> Result<(), Refused> {
    if let Some(unwritten) = house.sign_ins.failed() {
        let more = [("more", unwritten)];
        let detail = if unwritten == 0 { &[][..] } else { &more };
        let (actor, action) = (Actor::Unknown, Action::SignInFailed);
        house.store.note(actor, action, at, detail, now).await?;
    }
    Ok(())
}

/// `GET /api/v1/session`: who is signed in.
pub(crate) async fn who(staff: SignedInStaff) -> Result<Json<Staff>, Refused> {
    let school = staff.store.school().await?;
    let accounts = staff.store.staff().await?;
    let account = accounts.iter().find(|it| it.id == staff.who.staff);
    Ok(Json(Staff {
        name: staff.who.name.reveal().to_owned(),
        email: account
            .map(|it| it.email.reveal().to_owned())
            .unwrap_or_default(),
        school: school.name.as_str().to_owned(),
        office: staff.who.standing.is_at_the_office(),
        role: role_of(staff.who.standing.rank),
        evenings: managed(&staff.who.standing),
        csrf: staff.token.csrf(),
    }))
}

/// `DELETE /api/v1/session`: signs out.
pub(crate) async fn sign_out(staff: SignedInStaff) -> Result<Response, Refused> {
    let digest = staff.token.digest();
    let both = staff.store.end_session(&digest, ambient::now()).await?;
    Ok(hats::signed_out(&staff.house, At::Office, both))
}

async fn signed_in(
    (house, headers): (&House, &HeaderMap),
    who: (StaffId, Option<Shown<'_>>),
    (name, email): (&Name, &EmailAddress),
    now: Timestamp,
) -> Result<Response, Refused> {
    let (staff, opened) = begun(house, who, (name, email), now).await?;
    let mut response = Json(staff).into_response();
    opened.give(&mut response, (house, headers), email);
    Ok(response)
}

/// Begins the session of somebody of the staff.
pub(in crate::api) async fn begun(
    house: &House,
    (id, shown): (StaffId, Option<Shown<'_>>),
    (name, email): (&Name, &EmailAddress),
    now: Timestamp,
) -> Result<(Staff, Opened), Refused> {
    let opened = Opened::begin(house, id, shown, now).await?;
    let (store, token) = (&house.store, &opened.staff);
    let school = store.school().await?;
    let session = store.session(&token.digest(), now).await?;
    let standing = session.ok_or(Refused::NotSignedIn)?.standing;
    let staff = Staff {
        name: name.reveal().to_owned(),
        email: email.reveal().to_owned(),
        school: school.name.as_str().to_owned(),
        office: standing.is_at_the_office(),
        role: role_of(standing.rank),
        evenings: managed(&standing),
        csrf: token.csrf(),
    };
    Ok((staff, opened))
}

/// The evenings that they manage, as pages read them.
fn managed(standing: &Standing) -> Vec<String> {
    standing.evenings.iter().map(ToString::to_string).collect()
}

pub(in crate::api) fn set_cookie(response: &mut Response, cookie: Option<HeaderValue>) {
    if let Some(cookie) = cookie {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
}
