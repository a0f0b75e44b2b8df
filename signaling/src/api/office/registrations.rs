//! "User Invitations": contacts are invited to register (DIR-2 to DIR-5).

use axum::Json;
use school::registration::{self, MOST_AT_ONCE, Standing};
use school::{ContactId, Mobile, Name, Refusal, StudentId};
use store::SentRegistrations;
use wire::http::account::{
    Hindrance, OpenContact, OpenRegistrations, Pupil, PupilContact, Pupils, ReachedBy,
    RegistrationLetters, RegistrationPrint, RegistrationProgress, RegistrationRefused,
    RegistrationState, RegistrationsDraft, RegistrationsSent, Undelivered,
};
use wire::http::people::StudentSearch;

use super::super::ask;
use super::super::extract::Body;
use super::super::refused::Refused;
use super::super::show;
use super::Office;
use super::evenings::address;

/// How many pupils are on a page.
const PAGE: u16 = 50;

/// `POST /api/v1/registrations/search`.
pub(crate) async fn search(
    office: Office,
    Body(wanted): Body<StudentSearch>,
) -> Result<Json<Pupils>, Refused> {
    let after = match wanted.after.as_deref() {
        None | Some("") => None,
        Some(id) => Some(ask::id::<StudentId>(id)?),
    };
    let page = office.store.students(&wanted.search, after, PAGE).await?;
    let last = page.students.last().map(|one| one.id.to_string());
    let here = page.students.iter().filter(|it| it.gone_at.is_none());
    Ok(Json(Pupils {
        next: last.filter(|_| page.has_more),
        total: u32::try_from(page.total).unwrap_or(u32::MAX),
        pupils: here
            .map(|one| Pupil {
                id: one.id.to_string(),
                name: show::name(&one.about.name),
                homeroom: one.about.form.clone(),
                contacts: one
                    .contacts
                    .iter()
                    .map(|it| contact(it, office.now))
                    .collect(),
            })
            .collect(),
    }))
}

fn contact(one: &store::StudentContact, now: jiff::Timestamp) -> PupilContact {
    let standing = Standing::new(one.is_registered, one.invited_until, now);
    let (state, until) = match standing {
        Standing::Registered => (RegistrationState::Registered, None),
        Standing::NotRegistered => (RegistrationState::NotRegistered, None),
        Standing::Invited(until) => (RegistrationState::Invited, Some(until)),
        Standing::Expired(until) => (RegistrationState::Expired, Some(until)),
    };
    let hindrance = if one.has_court_order {
        Some(Hindrance::CourtOrder)
    } else if one.waits {
        Some(Hindrance::Waits)
    } else {
        None
    };
    PupilContact {
        id: one.id.to_string(),
        name: show::name(&one.name),
        email: address(one.email.as_ref()),
        mobile: number(one.mobile.as_ref()),
        by: by(one.by),
        state,
        until: until.map(|it| it.to_string()),
        undelivered: one
            .undelivered
            .as_ref()
            .filter(|_| state == RegistrationState::Invited)
            .map(undelivered),
        hindrance,
    }
}

/// `GET /api/v1/registrations/open`.
pub(crate) async fn open(office: Office) -> Result<Json<OpenRegistrations>, Refused> {
    let open = office.store.invitable(office.now).await?;
    let count = |it: i64| u32::try_from(it).unwrap_or(u32::MAX);
    Ok(Json(OpenRegistrations {
        contacts: open.contacts.iter().map(open_contact).collect(),
        total: count(open.total),
        invited: count(open.invited),
    }))
}

fn open_contact(one: &store::Invitable) -> OpenContact {
    OpenContact {
        id: one.contact.to_string(),
        name: show::name(&one.name),
        email: address(one.email.as_ref()),
        mobile: number(one.mobile.as_ref()),
        by: by(one.by),
        students: one.students.iter().map(show::name).collect(),
        undelivered: one.undelivered.as_ref().map(undelivered),
    }
}

/// `POST /api/v1/registrations`.
pub(crate) async fn send(
    office: Office,
    Body(asked): Body<RegistrationsDraft>,
) -> Result<Json<RegistrationsSent>, Refused> {
    let contacts = whom(&asked)?;
    let (actor, now) = (office.actor(), office.now);
    let store = &office.store;
    let sent = if asked.by_text {
        store.text_registrations(&contacts, actor, now).await?
    } else {
        store.send_registrations(&contacts, actor, now).await?
    };
    office.house.wake_post();
    Ok(Json(shown(&sent)))
}

/// What became of sending invitations.
pub(super) fn shown(sent: &SentRegistrations) -> RegistrationsSent {
    RegistrationsSent {
        sent: show::count(sent.sent),
        until: sent.until.to_string(),
        by_letter: sent.by_letter.iter().map(ToString::to_string).collect(),
        refused: refused(&sent.refused),
    }
}

/// `POST /api/v1/registrations/letters`: printing is the sending of these.
pub(crate) async fn letters(
    office: Office,
    Body(asked): Body<RegistrationsDraft>,
) -> Result<Json<RegistrationLetters>, Refused> {
    let contacts = whom(&asked)?;
    let school = office.store.school().await?;
    let (actor, now) = (office.actor(), office.now);
    let printed = office.store.print_registrations(&contacts, actor, now);
    let printed = printed.await?;
    let public_url = &office.house.public_url;
    let letters = printed.letters.into_iter().map(|it| RegistrationPrint {
        id: it.contact.to_string(),
        name: show::name(&it.name),
        students: it.students.iter().map(show::name).collect(),
        language: it.language,
        code: it.secret.expose(),
        url: format!("{public_url}/register#{}", it.secret.expose()),
    });
    Ok(Json(RegistrationLetters {
        letters: letters.collect(),
        school: school.name.as_str().to_owned(),
        address: public_url.to_string(),
        until: printed.until.to_string(),
        time_zone: school.zone,
        refused: refused(&printed.refused),
    }))
}

fn whom(asked: &RegistrationsDraft) -> Result<Vec<ContactId>, Refused> {
    if asked.contacts.len() > MOST_AT_ONCE {
        return Err(Refused::TooLarge);
    }
    let contacts = asked.contacts.iter().map(|id| ask::id::<ContactId>(id));
    contacts.collect()
}

fn refused(all: &[(ContactId, Name, Refusal)]) -> Vec<RegistrationRefused> {
    let shown = all.iter().map(|(id, name, why)| RegistrationRefused {
        id: id.to_string(),
        name: show::name(name),
        reason: why.to_string(),
    });
    shown.collect()
}

fn number(mobile: Option<&Mobile>) -> Option<String> {
    mobile.map(|it| it.reveal().to_owned())
}

const fn by(how: registration::ReachedBy) -> Option<ReachedBy> {
    match how {
        registration::ReachedBy::Email => None,
        registration::ReachedBy::Text => Some(ReachedBy::Text),
        registration::ReachedBy::Letter => Some(ReachedBy::Letter),
    }
}

fn undelivered(one: &store::Undelivered) -> Undelivered {
    Undelivered {
        reason: one.reason.clone(),
        otherwise: by(one.otherwise).unwrap_or(ReachedBy::Letter),
    }
}

/// `GET /api/v1/registrations/progress`.
pub(crate) async fn progress(office: Office) -> Result<Json<RegistrationProgress>, Refused> {
    let waiting = office.store.registrations_waiting().await?;
    let undelivered = office.store.undelivered_registrations(office.now).await?;
    Ok(Json(RegistrationProgress {
        waiting: u32::try_from(waiting).unwrap_or(u32::MAX),
        undelivered: undelivered.iter().map(open_contact).collect(),
    }))
}
