//! The school's settings and its evenings (EVE-1).

use axum::Json;
use axum::http::StatusCode;
use jiff::civil::{Date, Time};
use school::evening::EveningDraft as Draft;
use school::registration;
use school::retention::Period;
use school::{BookingId, ClassId, EmailAddress, EveningId, Label, Note, Refusal, Right, TeacherId};
use store::{BookingPress, EveningClasses, EveningSummary, School};
use wire::http::office::{AskedDecision, AskedOutcome, CancelEvening, ReplaceTeacher, Replaced};
use wire::http::school::{
    BookingDoor, Contact, Evening, EveningDraft, Evenings, ParentsInvite, SchoolSettings,
};

use super::super::ask;
use super::super::extract::{Body, Path};
use super::super::refused::Refused;
use super::super::show;
use super::Office;
use super::links::counted;
use super::people::read_address;
use super::version;

/// `GET /api/v1/school/settings`.
pub(crate) async fn settings(office: Office) -> Result<Json<SchoolSettings>, Refused> {
    Ok(Json(shown(&office.store.school().await?)))
}

/// `PUT /api/v1/school/settings`.
pub(crate) async fn change_settings(
    office: Office,
    Body(asked): Body<SchoolSettings>,
) -> Result<Json<SchoolSettings>, Refused> {
    let _turn = version::turn(&office).await?;
    let kept = office.store.school().await?;
    let before = shown(&kept);
    version::check(
        asked.version.as_deref(),
        before.version.as_deref().unwrap_or_default(),
    )?;
    let email = read_address(&asked.contact.email)?;
    let phone = school::text::read_line(&asked.contact.phone)
        .map_err(|refusal| Refused::Fields(vec![("phone", refusal)]))?;
    let school = School {
        name: Label::read(&asked.name)?,
        zone: asked.time_zone,
        contact_email: address(email.as_ref()),
        contact_phone: phone,
        parents_invite: match asked.parents_invite {
            None => kept.parents_invite,
            Some(ParentsInvite::Never) => registration::ParentsInvite::Never,
            Some(ParentsInvite::Approved) => registration::ParentsInvite::Approved,
            Some(ParentsInvite::Always) => registration::ParentsInvite::Always,
        },
        reminds: asked.reminds.unwrap_or(kept.reminds),
        keep: Period::read(asked.retention_days)?,
    };
    office
        .store
        .change_school(&school, office.actor(), office.now)
        .await?;
    Ok(Json(shown(&office.store.school().await?)))
}

fn shown(school: &School) -> SchoolSettings {
    let mut settings = SchoolSettings {
        name: school.name.as_str().to_owned(),
        contact: Contact {
            email: school.contact_email.clone(),
            phone: school.contact_phone.clone(),
        },
        time_zone: school.zone.clone(),
        parents_invite: Some(match school.parents_invite {
            registration::ParentsInvite::Never => ParentsInvite::Never,
            registration::ParentsInvite::Approved => ParentsInvite::Approved,
            registration::ParentsInvite::Always => ParentsInvite::Always,
        }),
        reminds: Some(school.reminds),
        retention_days: u32::from(school.keep.days()),
        version: None,
    };
    settings.version = Some(version::of(&settings));
    settings
}

/// `GET /api/v1/evenings`: those that whoever asks may look at.
pub(crate) async fn list(office: Office) -> Result<Json<Evenings>, Refused> {
    let all = office.store.evenings().await?;
    let may_look = |id| office.who.standing.may(Right::Look, Some(id));
    let seen = all.iter().filter(|it| may_look(it.evening.id));
    let evenings = seen.map(|one| view(one, &office)).collect();
    Ok(Json(Evenings { evenings }))
}

/// `POST /api/v1/evenings`.
pub(crate) async fn create(
    office: Office,
    Body(asked): Body<EveningDraft>,
) -> Result<Json<Evening>, Refused> {
    let (draft, classes) = read(&asked)?;
    let id = office
        .store
        .add_evening(draft, these(classes.as_ref()), office.actor(), office.now)
        .await?;
    found(&office, id).await
}

/// `GET /api/v1/evenings/{evening}`.
pub(crate) async fn one(
    office: Office,
    Path(id): Path<EveningId>,
) -> Result<Json<Evening>, Refused> {
    found(&office, id).await
}

/// `PUT /api/v1/evenings/{evening}`.
pub(crate) async fn change(
    office: Office,
    Path(id): Path<EveningId>,
    Body(asked): Body<EveningDraft>,
) -> Result<Json<Evening>, Refused> {
    let _turn = version::turn(&office).await?;
    let before = found(&office, id).await?;
    let kept = before.set.version.clone().unwrap_or_default();
    version::check(asked.version.as_deref(), &kept)?;
    let (draft, classes) = read(&asked)?;
    office
        .doing()
        .perform(|it| async move {
            let classes = these(classes.as_ref());
            it.store
                .change_evening(id, draft, classes, it.by, it.now)
                .await
        })
        .await?;
    tell_everybody(&office, id).await?;
    found(&office, id).await
}

/// `POST /api/v1/evenings/{evening}/cancel`: everybody who has a link is told.
pub(crate) async fn cancel(
    office: Office,
    Path(id): Path<EveningId>,
    Body(CancelEvening { words }): Body<CancelEvening>,
) -> Result<Json<Evening>, Refused> {
    let words = Note::read(&words).map_err(|it| Refused::Fields(vec![("words", it)]))?;
    office
        .doing()
        .perform(|it| async move { it.store.cancel_evening(id, &words, it.by, it.now).await })
        .await?;
    found(&office, id).await
}

/// `POST /api/v1/evenings/{evening}/teachers/{teacher}/replace`.
pub(crate) async fn replace_teacher(
    office: Office,
    Path((id, teacher)): Path<(EveningId, TeacherId)>,
    Body(ReplaceTeacher { instead }): Body<ReplaceTeacher>,
) -> Result<Json<Replaced>, Refused> {
    let instead = instead.as_deref().map(ask::id).transpose()?;
    let done = office
        .doing()
        .perform(|it| async move {
            let replaced = it
                .store
                .replace_teacher(id, teacher, instead, it.by, it.now);
            replaced.await
        })
        .await?;
    Ok(Json(Replaced {
        given: show::count(done.changed.len()),
        cancelled: show::count(done.ended.len()),
        asked: show::count(done.asked.len()),
    }))
}

/// `POST /api/v1/asked/{booking}`: what becomes of an appointment whose new teachers are busy then.
pub(crate) async fn decide(
    office: Office,
    Path(id): Path<BookingId>,
    Body(decision): Body<AskedDecision>,
) -> Result<StatusCode, Refused> {
    let decision = match decision.decision {
        AskedOutcome::Keep => store::AskedDecision::Keep,
        AskedOutcome::Move => {
            let starts = decision.starts.as_deref().unwrap_or_default();
            store::AskedDecision::Move(ask::moment(starts)?)
        }
        AskedOutcome::Cancel => store::AskedDecision::Cancel,
    };
    office
        .doing()
        .perform(|it| async move { it.store.decide_asked(id, decision, it.by, it.now).await })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `PUT /api/v1/evenings/{evening}/booking`.
pub(crate) async fn booking(
    office: Office,
    Path(id): Path<EveningId>,
    Body(asked): Body<BookingDoor>,
) -> Result<Json<Evening>, Refused> {
    let attempt = asked.attempt.as_deref().map(ask::attempt).transpose()?;
    let closes = asked.closes.as_deref().map(ask::moment).transpose()?;
    let press = BookingPress {
        opens: asked.open,
        closes: closes.filter(|_| asked.open),
        tells: asked.tells,
        attempt,
    };
    let (store, actor) = (&office.store, office.actor());
    let told = store.press_booking(id, press, actor, office.now).await?;
    if told.is_some() {
        office.house.wake_post();
    }
    tell_everybody(&office, id).await?;
    let Json(mut evening) = found(&office, id).await?;
    evening.told = told.as_ref().map(counted);
    Ok(Json(evening))
}

/// An address, empty where there is none.
pub(in crate::api) fn address(email: Option<&EmailAddress>) -> String {
    email
        .map(|email| email.reveal().to_owned())
        .unwrap_or_default()
}

async fn found(office: &Office, id: EveningId) -> Result<Json<Evening>, Refused> {
    let summary = office.store.evening_summary(id).await?;
    Ok(Json(view(&summary, office)))
}

fn view(summary: &EveningSummary, office: &Office) -> Evening {
    let evening = &summary.evening;
    let draft = &evening.draft;
    let clock = |time: Time| time.strftime("%H:%M").to_string();
    let mut set = EveningDraft {
        name: draft.name.as_str().to_owned(),
        date: draft.date.to_string(),
        time_zone: draft.zone.clone(),
        starts: clock(draft.start),
        ends: clock(draft.end),
        slot_minutes: u32::from(draft.slot_minutes),
        gap_minutes: u32::from(draft.gap_minutes),
        booking_closes: draft.closes.map(|closes| closes.to_string()),
        classes: (!summary.all_classes)
            .then(|| summary.classes.iter().map(ToString::to_string).collect()),
        version: None,
    };
    set.version = Some(version::of(&set));
    Evening {
        id: evening.id.to_string(),
        set,
        starts: evening.start.to_string(),
        ends: evening.end.to_string(),
        booking: show::booking_phase(evening, office.now),
        cancelled: show::cancelled(evening),
        booked: u32::try_from(summary.booked).unwrap_or_default(),
        confirmations: u32::try_from(summary.confirmations).unwrap_or_default(),
        told: None,
    }
}

/// The classes that are meant: all, where none are named.
fn these(classes: Option<&Vec<ClassId>>) -> EveningClasses<'_> {
    classes.map_or(EveningClasses::All, EveningClasses::from)
}

fn read(asked: &EveningDraft) -> Result<(Draft, Option<Vec<ClassId>>), Refused> {
    // As the page writes them: `10:30:15`, or a date with a time behind it, says more than is kept.
    let time = |field, text: &str| {
        let time: Option<Time> = text.parse().ok().filter(|_| text.len() == "16:00".len());
        time.ok_or_else(|| Refused::Fields(vec![(field, Refusal::TimeInvalid)]))
    };
    let date: Option<Date> = asked.date.parse().ok();
    let date = date.filter(|_| asked.date.len() == "2026-11-19".len());
    let date = date.ok_or(Refused::Rule(Refusal::DateInvalid))?;
    let (start, end) = (time("starts", &asked.starts)?, time("ends", &asked.ends)?);
    let classes = asked.classes.as_ref().map(|ids| {
        let ids = ids.iter().map(|id| ask::id(id));
        ids.collect::<Result<Vec<_>, _>>()
    });
    let classes = classes.transpose()?;
    let draft = Draft {
        name: Label::read(&asked.name)?,
        date,
        zone: asked.time_zone.clone(),
        start,
        end,
        slot_minutes: u16::try_from(asked.slot_minutes).map_err(|_too_long| Refusal::SlotLength)?,
        gap_minutes: u16::try_from(asked.gap_minutes).map_err(|_too_long| Refusal::GapLength)?,
        closes: match &asked.booking_closes {
            Some(closes) => Some(ask::moment(closes)?),
            None => None,
        },
    };
    Ok((draft, classes))
}

/// Whoever looks at a page of this evening hears that it changed.
pub(super) async fn tell_everybody(office: &Office, evening: EveningId) -> Result<(), Refused> {
    let links = office.store.links_of_evening(evening, office.now).await?;
    let links = links
        .iter()
        .map(|link| live::roster::link_of(link.record.id));
    office.house.live.news.tell(links);
    Ok(())
}
