//! A contact who was invited registers (DIR-5).

use std::sync::Arc;

use axum::Json;
use axum::http::StatusCode;
use axum::response::Response;
use jiff::Timestamp;
use school::{EmailAddress, Name, StudentId};
use store::{
    Actor, AskedDetails, ContactDetails, KnownAccount, Naming, Registering, Registration,
    RegistrationState,
};
use wire::http::account::{
    AskedStudent, DetailsDraft, DetailsOffer, NameParentRequest, OfferState, ParentNamed,
    RegisterRequest, RegistrationAddress, RegistrationCheck, RegistrationOffer, Shares,
};

use super::account::signed_in;
use super::ask;
use super::extract::{Anybody, Body};
use super::links::is_language;
use super::refused::Refused;
use super::secrets;
use super::show;
use crate::deeds::Doing;
use crate::hashing::Line;
use crate::house::House;
use crate::limits::Source;

/// `POST /api/v1/register/check`. It uses nothing.
pub(crate) async fn check(
    Anybody {
        house, source, now, ..
    }: Anybody,
    Body(asked): Body<RegistrationCheck>,
) -> Result<Json<RegistrationOffer>, Refused> {
    let (_, found) = found(&house, &asked.secret, (source, now)).await?;
    offer(&house, found).await.map(Json)
}

async fn offer(house: &House, found: Registration) -> Result<RegistrationOffer, Refused> {
    let school = house.store.school().await?;
    let is_anothers = found.account.as_ref().is_some_and(|it| it.is_anothers);
    let details = found
        .asks
        .filter(|_| found.state == RegistrationState::Open && found.email.is_some());
    Ok(RegistrationOffer {
        details: details.map(asked_for),
        state: match found.state {
            RegistrationState::Open if found.email.is_none() => OfferState::Address,
            RegistrationState::Open if is_anothers => OfferState::Shared,
            RegistrationState::Open => OfferState::Open,
            RegistrationState::Expired => OfferState::Expired,
            RegistrationState::Replaced => OfferState::Replaced,
            RegistrationState::Registered => OfferState::Registered,
        },
        school: school.name.as_str().to_owned(),
        name: show::name(&found.name),
        email: match (&found.email, &found.known_email) {
            (Some(email), _) => email.reveal().to_owned(),
            // Whoever holds a letter may be anybody.
            (None, Some(known)) if found.state == RegistrationState::Open => known.hint(),
            (None, _) => String::new(),
        },
        students: found.students.iter().map(show::name).collect(),
        until: found.until.to_string(),
        time_zone: school.zone,
        has_account: found.account.is_some(),
    })
}

fn asked_for(asks: AskedDetails) -> DetailsOffer {
    let is_given = asks.given.is_some();
    let given = asks.given.unwrap_or_default();
    let students = asks.students.iter().map(|(id, name)| AskedStudent {
        id: id.to_string(),
        name: show::name(name),
        lives_with: given.lives_with.contains(id),
    });
    DetailsOffer {
        inviter: asks.inviter.as_ref().map_or_else(String::new, show::name),
        given: is_given,
        students: students.collect(),
        telephone: given.telephone,
        language: given.language,
        shares: Shares {
            school_telephone: given.school_telephone,
            families_email: given.families_email,
            families_telephone: given.families_telephone,
        },
        may_name: asks.may_name,
        named: asks.named.iter().map(show::named_parent).collect(),
    }
}

/// `POST /api/v1/register/details` (DIR-8).
pub(crate) async fn details(
    Anybody {
        house, source, now, ..
    }: Anybody,
    Body(asked): Body<DetailsDraft>,
) -> Result<Json<RegistrationOffer>, Refused> {
    let (digest, _) = found(&house, &asked.secret, (source, now)).await?;
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
    house.store.give_details(&digest, &given, now).await?;
    let found = house.store.registration(&digest, now).await?;
    let found = found.ok_or(Refused::NoSuchLink)?;
    offer(&house, found).await.map(Json)
}

/// `POST /api/v1/register/parents`: another parent of a student (DIR-6).
pub(crate) async fn name_parent(
    Anybody {
        house, source, now, ..
    }: Anybody,
    Body(asked): Body<NameParentRequest>,
) -> Result<Json<ParentNamed>, Refused> {
    let (digest, _) = found(&house, &asked.secret, (source, now)).await?;
    let student: StudentId = ask::id(&asked.student)?;
    let of = (Name::read(&asked.name)?, EmailAddress::read(&asked.email)?);
    let doing = Doing {
        store: house.store.clone(),
        house,
        by: Actor::Unknown,
        now,
    };
    let wish = doing.perform(|it| async move {
        let by = Naming::Link(&digest);
        it.store
            .name_parent(by, student, (&of.0, &of.1), it.now)
            .await
    });
    Ok(Json(ParentNamed {
        state: show::named_state(wish.await?),
    }))
}

/// `POST /api/v1/register/address`: the invitation goes on by e-mail.
pub(crate) async fn address(
    Anybody {
        house, source, now, ..
    }: Anybody,
    Body(asked): Body<RegistrationAddress>,
) -> Result<StatusCode, Refused> {
    let (digest, _) = found(&house, &asked.secret, (source, now)).await?;
    let email = asked.email.as_deref().map(EmailAddress::read);
    let email = email.transpose()?;
    let doing = Doing {
        store: house.store.clone(),
        house,
        by: Actor::Unknown,
        now,
    };
    doing
        .perform(|it| async move {
            let said = email.as_ref();
            it.store.mail_registration(&digest, said, it.now).await
        })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /api/v1/register`: whoever has registered is signed in at once.
pub(crate) async fn register(
    Anybody {
        house,
        source,
        headers,
        ..
    }: Anybody,
    Body(asked): Body<RegisterRequest>,
) -> Result<Response, Refused> {
    let before = ambient::now();
    let (digest, found) = found(&house, &asked.secret, (source, before)).await?;
    house.sign_ins.take_by_secret(&digest)?;
    let how = match &found.account {
        Some(KnownAccount {
            id, password_hash, ..
        }) => {
            let kept = Some(password_hash.clone());
            let line = Line::Known(&digest);
            let is_right = house.passwords.is_password(line, asked.password, kept);
            if !is_right.await? {
                return Err(Refused::WrongPassword);
            }
            Registering::With(*id)
        }
        None => {
            let school = house.store.school().await?;
            let about = [
                school.name.as_str(),
                found.name.reveal(),
                found.email.as_ref().map_or("", EmailAddress::reveal),
            ];
            school::password::check_for(&asked.password, &about)
                .map_err(|refusal| Refused::Fields(vec![("password", refusal)]))?;
            Registering::Anew(house.passwords.hashed(&digest, asked.password).await?)
        }
    };
    // It may have waited for its turn.
    let now = ambient::now();
    let doing = Doing {
        store: house.store.clone(),
        house: Arc::clone(&house),
        by: Actor::Unknown,
        now,
    };
    let registered = doing
        .perform(|it| async move { it.store.register(&digest, how, it.now).await })
        .await?;
    let (account, email) = registered?;
    signed_in((&house, &headers), account, &email, now).await
}

/// What a secret opens, and what it is looked for by.
async fn found(
    house: &House,
    secret: &str,
    (source, now): (Source, Timestamp),
) -> Result<([u8; 32], Registration), Refused> {
    let digest = secrets::read(house, secret, (source, Refused::NoSuchLink))?;
    let Some(found) = house.store.registration(&digest, now).await? else {
        return Err(secrets::wrong(house, source, Refused::NoSuchLink));
    };
    secrets::right(house, &digest)?;
    Ok((digest, found))
}
