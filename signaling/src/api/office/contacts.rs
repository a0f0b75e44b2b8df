//! Parents, guardians and other contacts, and court orders on them (DIR-4).

use axum::Json;
use axum::http::StatusCode;
use school::{ContactId, Countries, Mobile, Name, Note, Refusal};
use store::{Guardian, NewContact};
use wire::http::people::{
    ChangedWhat, ContactDraft, ContactPerson, CourtOrderDraft, DetailDecision, KeepDetail, MayBe,
    OrderTaken, SaidDetails, TellApart,
};

use super::super::ask;
use super::super::extract::{Body, Path};
use super::super::refused::Refused;
use super::super::show;
use super::Office;
use super::evenings::address;
use super::people::read_address;
use super::version;

/// `POST /api/v1/contacts`.
pub(crate) async fn add(
    office: Office,
    Body(asked): Body<ContactDraft>,
) -> Result<Json<ContactPerson>, Refused> {
    let new = read(&office, &asked, None)?;
    let id = office
        .store
        .add_contact(&new, office.actor(), office.now)
        .await?;
    found(&office, id).await.map(Json)
}

/// `GET /api/v1/contacts/{contact}`.
pub(crate) async fn one(
    office: Office,
    Path(id): Path<ContactId>,
) -> Result<Json<ContactPerson>, Refused> {
    found(&office, id).await.map(Json)
}

/// `PUT /api/v1/contacts/{contact}`: another address gets another link (LINK-3).
pub(crate) async fn change(
    office: Office,
    Path(id): Path<ContactId>,
    Body(asked): Body<ContactDraft>,
) -> Result<Json<ContactPerson>, Refused> {
    let _turn = version::turn(&office).await?;
    let before = office.store.contact(id).await?;
    version::check(asked.version.as_deref(), &view(&before).version)?;
    let new = read(&office, &asked, Some(&before.about))?;
    office
        .doing()
        .perform(|it| async move { it.store.change_contact(id, &new, it.by, it.now).await })
        .await?;
    found(&office, id).await.map(Json)
}

/// `PUT /api/v1/contacts/{contact}/court-order`: whoever it concerns is out within 2 s.
pub(crate) async fn court_order(
    office: Office,
    Path(id): Path<ContactId>,
    Body(CourtOrderDraft { active }): Body<CourtOrderDraft>,
) -> Result<Json<OrderTaken>, Refused> {
    let ended = office
        .doing()
        .perform(|it| async move {
            if active {
                it.store.set_court_order(id, it.by, it.now).await
            } else {
                it.store.lift_court_order(id, it.by, it.now).await
            }
        })
        .await?;
    Ok(Json(OrderTaken {
        contact: found(&office, id).await?,
        links_ended: show::count(ended.links.len()),
        appointments_cancelled: show::count(ended.ended.len()),
    }))
}

/// `POST /api/v1/contacts/{contact}/tell-apart`: they are not the person with a court order.
pub(crate) async fn tell_apart(
    office: Office,
    Path(id): Path<ContactId>,
    Body(TellApart { from }): Body<TellApart>,
) -> Result<Json<ContactPerson>, Refused> {
    office
        .store
        .tell_apart(id, ask::id(&from)?, office.actor(), office.now)
        .await?;
    found(&office, id).await.map(Json)
}

/// `POST /api/v1/contacts/{contact}/decide`: which is kept of what they and the school's records say
/// (DIR-12).
pub(crate) async fn decide(
    office: Office,
    Path(id): Path<ContactId>,
    Body(asked): Body<DetailDecision>,
) -> Result<StatusCode, Refused> {
    let keep = match asked.keep {
        KeepDetail::Own => store::Keep::Own,
        KeepDetail::School => store::Keep::School,
    };
    let what = match asked.what {
        ChangedWhat::Telephone => store::Detail::Telephone,
        ChangedWhat::Email => store::Detail::Email,
        ChangedWhat::Name => {
            let student = asked.student.as_deref();
            store::Detail::Name(student.map(ask::id).transpose()?)
        }
    };
    let word = Note::read(&asked.word).map_err(|it| Refused::Fields(vec![("word", it)]))?;
    office
        .doing()
        .perform(|it| async move {
            let shown = (asked.school.as_str(), asked.own.as_str());
            it.store
                .decide_detail((id, what), (keep, &word), shown, it.by, it.now)
                .await
        })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What is said of a contact; what they are to students whose contact they stay is kept.
fn read(
    office: &Office,
    asked: &ContactDraft,
    before: Option<&NewContact>,
) -> Result<NewContact, Refused> {
    let guardian = |id: &String| {
        let student = ask::id(id)?;
        let known = before.iter().flat_map(|it| &it.students);
        let known = known.into_iter().find(|it| it.student == student);
        Ok(Guardian {
            student,
            relationship: known.map(|it| it.relationship.clone()).unwrap_or_default(),
        })
    };
    let known = before.and_then(|it| it.mobile.as_ref());
    Ok(NewContact {
        name: Name::read(&asked.name)?,
        email: read_address(&asked.email)?,
        mobile: read_mobile(asked.mobile.as_deref(), known, &office.house.countries)?,
        students: asked
            .students
            .iter()
            .map(guardian)
            .collect::<Result<_, Refused>>()?,
    })
}

/// The number that is typed, where a page knows of numbers; one that stands there is kept, though no texts are
/// sent to its country any more.
fn read_mobile(
    typed: Option<&str>,
    known: Option<&Mobile>,
    countries: &Countries,
) -> Result<Option<Mobile>, Refusal> {
    let Some(typed) = typed.filter(|it| known.is_none_or(|known| known.reveal() != *it)) else {
        return Ok(known.cloned());
    };
    match Mobile::read(typed, countries) {
        Ok(mobile) => Ok(Some(mobile)),
        Err(Refusal::MobileMissing) => Ok(None),
        Err(refusal) => Err(refusal),
    }
}

pub(super) async fn found(office: &Office, id: ContactId) -> Result<ContactPerson, Refused> {
    let mut person = view(&office.store.contact(id).await?);
    let telephones = office.store.telephones(id).await?;
    telephones.beside_mobile().clone_into(&mut person.telephone);
    let beside = office.store.records_address(id).await?;
    person.records_email = beside.map(|it| it.reveal().to_owned());
    let refused = office.store.refused_name(id).await?;
    person.refused_name = refused.as_ref().map(show::name);
    let said = office.store.contact_details(id).await?;
    person.details = said.map(|it| SaidDetails {
        telephone: if it.school_telephone {
            it.telephone
        } else {
            String::new()
        },
        language: it.language,
        lives_with: it.lives_with.iter().map(ToString::to_string).collect(),
    });
    Ok(person)
}

fn view(one: &store::Contact) -> ContactPerson {
    let students = one.about.students.iter();
    let students: Vec<_> = students.map(|it| it.student.to_string()).collect();
    let (name, email) = (one.about.name.reveal(), address(one.about.email.as_ref()));
    let mobile = one.about.mobile.as_ref().map(Mobile::reveal);
    ContactPerson {
        id: one.id.to_string(),
        name: name.to_owned(),
        version: version::of(&(name, &email, mobile, &students)),
        email,
        mobile: mobile.map(str::to_owned),
        students,
        left: one.gone_at.map(|it| it.to_string()),
        court_order: one.court_order_at.is_some(),
        details: None,
        records_name: one.records_name.as_ref().map(show::name),
        refused_name: None,
        records_email: None,
        telephone: String::new(),
        may_be: one.may_be.as_ref().map(|it| MayBe {
            contact: it.contact.to_string(),
            name: it.name.reveal().to_owned(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_that_stands_there_is_kept_whatever_country_it_is_of() {
        let french = Mobile::kept("+33612345678".to_owned());
        let british = Countries::default();
        let read = |typed| read_mobile(typed, Some(&french), &british);
        assert_eq!(read(None), Ok(Some(french.clone())));
        assert_eq!(read(Some("+33612345678")), Ok(Some(french.clone())));
        assert_eq!(read(Some("+33612345679")), Err(Refusal::MobileElsewhere));
        assert_eq!(read(Some("")), Ok(None));
        let typed = read(Some("07700 900321")).expect("a number");
        assert_eq!(typed.expect("one").reveal(), "+447700900321");
    }
}
