//! Accounts of parents and guardians: signing in and out, and what is theirs (DIR-9).

use std::sync::Arc;

use axum::Json;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use jiff::Timestamp;
use school::{
    AccountId, ContactId, EmailAddress, EveningId, Holder, Name, Refusal, StaffId, StudentId,
};
use store::{AccountSession, Actor, Appointment, ContactDetails, Naming, Shown};
use wire::http::account::{
    Account, AccountAppointment, AccountClose, AccountEvening, AccountHome, AccountLink,
    AccountPerson, AccountStudent, NameDraft, NameParent, NameStanding, OwnDetails, ParentNamed,
    SaidName, SharedContact, Shares, WaitingAddress,
};
use wire::http::office::LinkShown;
use wire::http::session::{LostPassword, SignIn};

use super::ask::{self, Shared};
use super::extract::{Anybody, Body, Path};
use super::hats::{self, Opened};
use super::links::is_language;
use super::office::evenings::address;
use super::office::is_ours;
use super::office::session::{note_failure, set_cookie};
use super::passkeys;
use super::refused::Refused;
use super::second_factor::{self, Typed};
use super::secrets;
use super::show;
use crate::deeds::Doing;
use crate::device::Device;
use crate::hashing::Line;
use crate::house::House;
use crate::limits::Source;
use crate::staff_session::{self, At, Token};

/// Who is signed in at their account; whatever changes something must also show that a page of ours
/// asks.
pub(crate) struct Parent {
    pub(super) who: AccountSession,
    pub(super) token: Token,
    pub(super) house: Shared,
    pub(super) source: Source,
    pub(super) now: Timestamp,
}

impl FromRequestParts<Shared> for Parent {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, house: &Shared) -> Result<Self, Refused> {
        let peer = ask::admitted(house, parts)?;
        let token = staff_session::read(At::Account, &parts.headers, &house.public_url);
        let token = token.ok_or(Refused::NotSignedIn)?;
        let now = ambient::now();
        let digest = token.digest();
        let who = house.store.account_session(&digest, now).await?;
        let who = who.ok_or(Refused::NotSignedIn)?;
        peer.hold();
        if !is_ours(parts, &token) {
            return Err(Refused::BadCsrf);
        }
        if let Some(longer) = staff_session::lengthened(who.began, who.until, now) {
            let lengthened = house.store.lengthen_account_session(&digest, longer);
            if let Err(error) = lengthened.await {
                tracing::warn!(%error, "a session of an account could not be lengthened");
            }
        }
        Ok(Self {
            who,
            token,
            house: Arc::clone(house),
            source: peer.source(),
            now,
        })
    }
}

/// By what sign-ins to an account are counted: beside those of the office with the same address.
fn counted(email: &EmailAddress) -> String {
    format!("account {}", email.key())
}

/// `POST /api/v1/account/session`: signs in, by the password of the account, or by that of the staff
/// where one sign-in is for both.
pub(crate) async fn sign_in(
    anybody: Anybody,
    Body(asked): Body<SignIn>,
) -> Result<Response, Refused> {
    let (house, source) = (anybody.house, anybody.source);
    let Ok(email) = EmailAddress::read(&asked.email) else {
        house.sign_ins.wait_at_none(source).await?;
        let at_none = house
            .passwords
            .which_password(Line::Strangers, asked.password, [None, None]);
        at_none.await?;
        note_failure(&house, "account:unknown", ambient::now()).await?;
        return Err(Refused::WrongPassword);
    };
    let known = (&house.keyring, &house.public_url);
    let keys = [counted(&email), email.key()];
    let [own, of_staff] = [(At::Account, &keys[0]), (At::Office, &keys[1])].map(|(at, it)| {
        let device = Device::read(&anybody.headers, (at, it), known);
        (it.as_str(), device)
    });
    let line = Device::line(own.1, own.0);
    let attempt = house.sign_ins.wait_at_both(own, of_staff, source).await?;
    let account = house.store.account_by_email(&email).await?;
    let hat = account.as_ref().and_then(|it| it.hat.clone());
    let hat = hat.filter(|_| !house.is_only_by_provider());
    let (staff, of_staff) = hat.unzip();
    let staff = staff.zip(of_staff.clone());
    let own = account.as_ref().map(|it| it.password_hash.clone());
    let of_staff = of_staff.filter(|_| attempt.other.is_ok());
    let right = house
        .passwords
        .which_password(line, asked.password, [of_staff, own]);
    let right = right.await?;
    // It may have waited for its turn.
    let now = ambient::now();
    if let (Some(right), Some(account)) = (right, account) {
        let [own, of_staff] = &keys;
        house
            .sign_ins
            .right(&attempt, if right == 0 { of_staff } else { own });
        return match staff.filter(|_| right == 0) {
            Some((staff, hash)) => {
                let typed = Typed::at_door(
                    &house,
                    &anybody.headers,
                    (asked.code.as_deref(), &account.email),
                );
                let typed = typed.or(passkeys::at_door(&hash, asked.passkey.as_ref()));
                let factor = second_factor::shown(&house, staff, typed, now).await?;
                let hash = &hash;
                let shown = Shown::Password { hash, factor };
                let at = (&*house, &anybody.headers);
                signed_in_to_both(at, (staff, shown), &account.email, now).await
            }
            None => {
                let at = (&*house, &anybody.headers);
                signed_in(at, account.id, &account.email, now).await
            }
        };
    }
    note_failure(&house, "account:unknown", now).await?;
    // Whoever is known here may have typed the other password, which strangers guess at.
    attempt.other?;
    Err(Refused::WrongPassword)
}

/// Begins the sessions of whoever has one sign-in for both.
async fn signed_in_to_both(
    (house, headers): (&House, &HeaderMap),
    (staff, shown): (StaffId, Shown<'_>),
    email: &EmailAddress,
    now: Timestamp,
) -> Result<Response, Refused> {
    let opened = Opened::begin(house, staff, Some(shown), now).await?;
    // It may have ended meanwhile.
    let token = opened.account.as_ref().ok_or(Refused::WrongPassword)?;
    let mut response = Json(view(house, token, email).await?).into_response();
    opened.give(&mut response, (house, headers), email);
    Ok(response)
}

/// `POST /api/v1/account/lost`: a link to sign in by is sent to that address, if anybody signs in with
/// it. The account is looked for beside the answer, so that neither its words nor its time tell.
pub(crate) async fn lost(
    Anybody {
        house, source, now, ..
    }: Anybody,
    Body(asked): Body<LostPassword>,
) -> Result<StatusCode, Refused> {
    let address = EmailAddress::read(&asked.email)?;
    house.sign_ins.ask(source, &address.key()).await?;
    if house.limiter.take_lost_password(&counted(&address)).is_ok() {
        let sending = Arc::clone(&house);
        house.tasks.spawn(async move {
            match sending.store.send_account_link(&address, now).await {
                Ok(true) => sending.wake_post(),
                Ok(false) => {}
                Err(error) => tracing::warn!(%error, "a link to sign in by could not be sent"),
            }
        });
    }
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /api/v1/account/link`: signs in by such a link.
pub(crate) async fn by_link(
    Anybody {
        house,
        source,
        headers,
        now,
    }: Anybody,
    Body(asked): Body<AccountLink>,
) -> Result<Response, Refused> {
    let none = || Refused::Rule(Refusal::SetUpDone);
    let digest = secrets::read(&house, &asked.secret, (source, none()))?;
    let Some(account) = house.store.account_of_link(&digest, now).await? else {
        return Err(secrets::wrong(&house, source, none()));
    };
    house.sign_ins.take_by_secret(&digest)?;
    let hash = if asked.password.is_empty() {
        None
    } else {
        let school = house.store.school().await?;
        let about = [school.name.as_str(), account.email.reveal()];
        school::password::check_for(&asked.password, &about)
            .map_err(|refusal| Refused::Fields(vec![("password", refusal)]))?;
        Some(house.passwords.hashed(&digest, asked.password).await?)
    };
    let token = Token::random();
    let now = ambient::now();
    let until = now.checked_add(staff_session::LIFE).unwrap_or(now);
    let session = (&token.digest(), until);
    house
        .store
        .sign_in_by_link(&digest, hash.as_deref(), session, now)
        .await?;
    welcomed((&house, &headers), &token, &account.email).await
}

/// Begins a session.
pub(super) async fn signed_in(
    (house, headers): (&House, &HeaderMap),
    account: AccountId,
    email: &EmailAddress,
    now: Timestamp,
) -> Result<Response, Refused> {
    let token = Token::random();
    let until = now.checked_add(staff_session::LIFE).unwrap_or(now);
    house
        .store
        .begin_account_session(account, &token.digest(), until, now)
        .await?;
    welcomed((house, headers), &token, email).await
}

/// The answer to whoever signs in, or goes on, with that address: their browser is known by it from now on.
pub(super) async fn welcomed(
    (house, headers): (&House, &HeaderMap),
    token: &Token,
    email: &EmailAddress,
) -> Result<Response, Refused> {
    let mut response = Json(view(house, token, email).await?).into_response();
    set_cookie(&mut response, token.cookie(At::Account, &house.public_url));
    make_known(&mut response, (house, headers), email);
    Ok(response)
}

/// The browser is known at this door for that account from now on.
pub(super) fn make_known(
    response: &mut Response,
    (house, headers): (&House, &HeaderMap),
    email: &EmailAddress,
) {
    let known = (&house.keyring, &house.public_url);
    let account = counted(email);
    let device = Device::random().cookie(headers, (At::Account, &account), known);
    set_cookie(response, device);
}

async fn view(house: &House, token: &Token, email: &EmailAddress) -> Result<Account, Refused> {
    Ok(Account {
        email: email.reveal().to_owned(),
        school: house.store.school().await?.name.as_str().to_owned(),
        csrf: token.csrf(),
    })
}

/// `GET /api/v1/account/session`: who is signed in.
pub(crate) async fn who(parent: Parent) -> Result<Json<Account>, Refused> {
    view(&parent.house, &parent.token, &parent.who.email)
        .await
        .map(Json)
}

/// `DELETE /api/v1/account/session`: signs out.
pub(crate) async fn sign_out(parent: Parent) -> Result<Response, Refused> {
    let digest = parent.token.digest();
    let both = parent.house.store.end_account_session(&digest).await?;
    Ok(hats::signed_out(&parent.house, At::Account, both))
}

/// `POST /api/v1/account/close`.
pub(crate) async fn close(
    parent: Parent,
    Body(asked): Body<AccountClose>,
) -> Result<StatusCode, Refused> {
    shows_password(&parent, asked.password).await?;
    let store = &parent.house.store;
    store.close_account(parent.who.account, parent.now).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Whoever changes how they sign in shows the account's own password once more: an open page is not enough, and that
/// of the staff is not tried here.
/// Gives the hash of it.
pub(super) async fn shows_password(parent: &Parent, password: String) -> Result<String, Refused> {
    let house = &parent.house;
    let own = counted(&parent.who.email);
    house.sign_ins.take_again(&own)?;
    let account = house.store.account_by_email(&parent.who.email).await?;
    let hash = account.map(|it| it.password_hash);
    let line = Line::Known(own.as_bytes());
    let is_right = house.passwords.is_password(line, password, hash.clone());
    let is_right = is_right.await?;
    hash.filter(|_| is_right).ok_or(Refused::WrongPassword)
}

/// `POST /api/v1/account/contacts/{contact}/evenings/{evening}`: their own link to it.
pub(crate) async fn evening(
    parent: Parent,
    Path((contact, evening)): Path<(ContactId, EveningId)>,
) -> Result<Json<LinkShown>, Refused> {
    let (house, now) = (&parent.house, parent.now);
    let of = (evening, contact);
    house
        .store
        .check_takes_part(parent.who.account, of, now)
        .await?;
    let (holder, actor) = (Holder::Parent(contact), Actor::Parent(contact));
    let record = house
        .store
        .hand_out_link(evening, holder, actor, now)
        .await?;
    let path = house.keyring.path(&record).ok_or(Refusal::NotFound)?;
    Ok(Json(LinkShown {
        url: format!("{}{}", house.public_url, path.expose()),
    }))
}

/// `POST /api/v1/account/contacts/{contact}/parents`: another parent of a student of theirs (DIR-6).
pub(crate) async fn name_parent(
    parent: Parent,
    Path(contact): Path<ContactId>,
    Body(asked): Body<NameParent>,
) -> Result<Json<ParentNamed>, Refused> {
    let student: StudentId = ask::id(&asked.student)?;
    let of = (Name::read(&asked.name)?, EmailAddress::read(&asked.email)?);
    let (account, house) = (parent.who.account, Arc::clone(&parent.house));
    let doing = Doing {
        store: house.store.clone(),
        house,
        by: Actor::Parent(contact),
        now: parent.now,
    };
    let wish = doing.perform(|it| async move {
        let by = Naming::Account(account, contact);
        it.store
            .name_parent(by, student, (&of.0, &of.1), it.now)
            .await
    });
    Ok(Json(ParentNamed {
        state: show::named_state(wish.await?),
    }))
}

/// `PUT /api/v1/account/contacts/{contact}/details`: what they say of themselves (DIR-9).
pub(crate) async fn details(
    parent: Parent,
    Path(contact): Path<ContactId>,
    Body(asked): Body<OwnDetails>,
) -> Result<StatusCode, Refused> {
    let telephone = school::text::read_line(&asked.telephone)
        .map_err(|refusal| Refused::Fields(vec![("telephone", refusal)]))?;
    let students = asked.lives_with.iter().map(|id| ask::id::<StudentId>(id));
    let given = ContactDetails {
        telephone,
        language: Some(asked.language)
            .filter(|it| is_language(it))
            .unwrap_or_default(),
        school_telephone: asked.shares.school_telephone,
        families_email: asked.shares.families_email,
        families_telephone: asked.shares.families_telephone,
        lives_with: students.collect::<Result<_, _>>()?,
    };
    let whose = (parent.who.account, contact);
    let store = &parent.house.store;
    store.change_details(whose, &given, parent.now).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `PUT /api/v1/account/contacts/{contact}/name`: a name is another than the school's records say (DIR-9).
pub(crate) async fn name(
    parent: Parent,
    Path(contact): Path<ContactId>,
    Body(asked): Body<NameDraft>,
) -> Result<StatusCode, Refused> {
    let student = asked.student.as_deref();
    let student = student.map(ask::id::<StudentId>).transpose()?;
    let name = Name::read(&asked.name).map_err(|it| Refused::Fields(vec![("name", it)]))?;
    let whose = (parent.who.account, contact);
    let store = &parent.house.store;
    store.say_name(whose, student, &name, parent.now).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /api/v1/account/contacts/{contact}/name/withdraw`: what they have said, where it waits still.
pub(crate) async fn withdraw_name(
    parent: Parent,
    Path(contact): Path<ContactId>,
    Body(asked): Body<NameDraft>,
) -> Result<StatusCode, Refused> {
    let student = asked.student.as_deref();
    let student = student.map(ask::id::<StudentId>).transpose()?;
    let said = Name::read(&asked.name).map_err(|it| Refused::Fields(vec![("name", it)]))?;
    let whose = (parent.who.account, contact);
    let store = &parent.house.store;
    store
        .withdraw_name(whose, student, &said, parent.now)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `GET /api/v1/account`.
pub(crate) async fn home(parent: Parent, headers: HeaderMap) -> Result<Json<AccountHome>, Refused> {
    let now = parent.now;
    let hat = hats::of_parent(&parent, &headers).await?;
    let home = parent.house.store.account_home(parent.who.account, now);
    let home = home.await?;
    Ok(Json(AccountHome {
        people: home.people.iter().map(person).collect(),
        may_name: home.may_name,
        new_address: home.new_address.as_ref().map(|it| WaitingAddress {
            email: it.email.reveal().to_owned(),
            expired: it.until <= now,
        }),
        hat,
        evenings: home
            .evenings
            .iter()
            .map(|one| AccountEvening {
                id: one.evening.id.to_string(),
                contact: one.contact.to_string(),
                name: one.evening.draft.name.as_str().to_owned(),
                starts: one.evening.start.to_string(),
                is_over: one.is_over,
                time_zone: one.evening.draft.zone.clone(),
                booking: show::booking_phase(&one.evening, now),
                appointments: one.appointments.iter().map(appointment).collect(),
                guests: one.guests.iter().map(show::name).collect(),
            })
            .collect(),
    }))
}

fn own_details(said: &ContactDetails) -> OwnDetails {
    OwnDetails {
        telephone: said.telephone.clone(),
        language: said.language.clone(),
        shares: Shares {
            school_telephone: said.school_telephone,
            families_email: said.families_email,
            families_telephone: said.families_telephone,
        },
        lives_with: said.lives_with.iter().map(ToString::to_string).collect(),
    }
}

fn person(one: &store::AccountPerson) -> AccountPerson {
    AccountPerson {
        id: one.contact.to_string(),
        name: show::name(&one.name),
        email: address(one.email.as_ref()),
        named: one.named.iter().map(show::named_parent).collect(),
        said_name: one.said_name.as_ref().map(said_name),
        details: own_details(&one.details),
        has_said: one.has_said,
        other_telephone: one.other_telephone.clone(),
        has_other_address: one.has_other_address,
        students: one
            .students
            .iter()
            .map(|it| AccountStudent {
                id: it.id.to_string(),
                name: show::name(&it.name),
                homeroom: it.form.clone(),
                relationship: it.relationship.clone(),
                said_name: it.said_name.as_ref().map(said_name),
                others: it.others.iter().map(shared).collect(),
            })
            .collect(),
    }
}

fn said_name(one: &store::SaidName) -> SaidName {
    let (standing, word) = match &one.standing {
        store::NameStanding::Waits => (NameStanding::Waits, ""),
        store::NameStanding::Accepted => (NameStanding::Accepted, ""),
        store::NameStanding::Kept(word) => (NameStanding::Kept, word.reveal()),
    };
    SaidName {
        name: show::name(&one.name),
        standing,
        word: word.to_owned(),
    }
}

fn shared(one: &store::SharedContact) -> SharedContact {
    SharedContact {
        name: show::name(&one.name),
        email: address(one.email.as_ref()),
        telephone: one.telephone.clone().unwrap_or_default(),
    }
}

fn appointment(one: &Appointment) -> AccountAppointment {
    AccountAppointment {
        starts: one.start.to_string(),
        ends: one.end.to_string(),
        student: show::name(&one.student_name),
        subject: one.subject.as_str().to_owned(),
        teachers: one.teachers.iter().map(|(_, it)| show::name(it)).collect(),
    }
}
