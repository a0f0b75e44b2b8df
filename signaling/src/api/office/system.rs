//! The information system that people are taken from, at night and at once (DIR-1).

use axum::Json;
use axum::http::StatusCode;
use school::Refusal;
use sources::wonde::Account;
use store::{Action, InformationSystem as System, SystemDraft as Draft, SystemRun as Run};
use wire::http::people::ImportReport;
use wire::http::system::{
    ImportFolder, InformationSystem, SystemConnection, SystemDraft, SystemOutcome, SystemRegion,
    SystemRun, SystemRunRequest,
};

use super::super::extract::Body;
use super::super::refused::Refused;
use super::import::unentered;
use super::{Office, version};
use crate::intake::{Everywhere, Source, Wish};

/// `GET /api/v1/system`.
pub(crate) async fn system(office: Office) -> Result<Json<InformationSystem>, Refused> {
    shown(&office).await
}

/// `PUT /api/v1/system`.
pub(crate) async fn connect(
    office: Office,
    Body(asked): Body<SystemDraft>,
) -> Result<Json<InformationSystem>, Refused> {
    let _turn = version::turn(&office).await?;
    if let Some(began_with) = &asked.version {
        let before = office.store.information_system().await?.map(connection);
        let kept = before.map_or_else(String::new, |it| it.version);
        version::check(Some(began_with), &kept)?;
    }
    // Without a token the one before stays: what was entered need only be an id.
    let entered = asked.token.as_deref().filter(|it| !it.trim().is_empty());
    let account = Account::read(&asked.school, entered.unwrap_or("unsaid"));
    let account = account.ok_or(Refused::BadRequest)?;
    let token = match entered {
        Some(_) => {
            let locked = office.house.lock_token(account.token());
            Some(locked.ok_or(Refused::BadRequest)?)
        }
        None => None,
    };
    let draft = Draft {
        region: code(asked.region).to_owned(),
        id_there: account.school().to_owned(),
        token,
        nightly: asked.nightly,
    };
    let today = office.now.to_zoned(office.house.zone().await?).date();
    let when = (today, office.now);
    office
        .store
        .connect_system(&draft, when, office.actor())
        .await?;
    shown(&office).await
}

/// `DELETE /api/v1/system`: whom it brought stays.
pub(crate) async fn disconnect(office: Office) -> Result<StatusCode, Refused> {
    let (actor, now) = (office.actor(), office.now);
    office.store.disconnect_system(actor, now).await?;
    office.house.forget_trouble();
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /api/v1/system/run`: where one goes on, that is it.
pub(crate) async fn run(
    office: Office,
    Body(asked): Body<SystemRunRequest>,
) -> Result<Json<InformationSystem>, Refused> {
    if office.store.information_system().await?.is_none() {
        return Err(Refusal::NotFound.into());
    }
    note_asked(&office).await?;
    let wish = wish(&office, &asked);
    office.house.ask_for_intake(Source::System, wish).await;
    shown(&office).await
}

/// `GET /api/v1/system/folder`.
pub(crate) async fn folder(office: Office) -> Result<Json<ImportFolder>, Refused> {
    shown_folder(&office).await
}

/// `POST /api/v1/system/folder/run`: where one goes on, that is it.
pub(crate) async fn run_folder(
    office: Office,
    Body(asked): Body<SystemRunRequest>,
) -> Result<Json<ImportFolder>, Refused> {
    if !office
        .house
        .intake_everywhere(Source::Folder)
        .await
        .is_there()
    {
        return Err(Refusal::NotFound.into());
    }
    note_asked(&office).await?;
    let wish = wish(&office, &asked);
    if !office.house.ask_for_intake(Source::Folder, wish).await {
        // Its node has gone meanwhile.
        return Err(Refused::Unavailable);
    }
    shown_folder(&office).await
}

/// `GET /api/v1/system/folder/report`: as that of the information system.
pub(crate) async fn folder_report(office: Office) -> Result<Json<ImportReport>, Refused> {
    let folder = office.store.import_folder().await?;
    let report = report_of(&office, Source::Folder, folder.last).await;
    Ok(Json(report))
}

async fn report_of(office: &Office, source: Source, last: Option<Run>) -> ImportReport {
    let report = match last.filter(|it| it.ended_at.is_some()) {
        Some(run) => office.house.report_of(source, &run).await,
        None => None,
    };
    report.unwrap_or_default()
}

async fn shown_folder(office: &Office) -> Result<Json<ImportFolder>, Refused> {
    // Asked before the records are: a run that ends in between stands in them.
    let stands = office.house.intake_everywhere(Source::Folder).await;
    let folder = office.store.import_folder().await?;
    let last = folder.last.filter(|it| it.ended_at.is_some());
    Ok(Json(ImportFolder {
        there: stands.is_there(),
        running: stands.running(),
        last: last.map(|it| ended(it, &stands)),
    }))
}

/// The audit log says that somebody asked, whatever becomes of it: what is taken, it says by itself.
async fn note_asked(office: &Office) -> Result<(), Refused> {
    let (actor, action) = (office.actor(), Action::ImportAsked);
    office
        .store
        .note(actor, action, "school", &[], office.now)
        .await?;
    Ok(())
}

fn wish(office: &Office, asked: &SystemRunRequest) -> Wish {
    Wish {
        by: office.actor(),
        apply: asked.apply,
        seen: asked.seen.clone(),
    }
}

/// `GET /api/v1/system/report`: what the last run did, or would do, row by row; no rows where that is
/// not known.
pub(crate) async fn report(office: Office) -> Result<Json<ImportReport>, Refused> {
    let system = office.store.information_system().await?;
    let last = system.and_then(|it| it.last);
    let mut report = report_of(&office, Source::System, last).await;
    if !report.orders.is_empty() {
        // Somebody of the office may have said since then that they are about nobody here.
        let dismissed = office.store.dismissed_orders().await?;
        let dismissed: Vec<_> = dismissed.iter().map(unentered).collect();
        report.orders.retain(|it| !dismissed.contains(it));
    }
    Ok(Json(report))
}

async fn shown(office: &Office) -> Result<Json<InformationSystem>, Refused> {
    // Asked before the records are: a run that ends in between stands in them.
    let stands = office.house.intake_everywhere(Source::System).await;
    let system = office.store.information_system().await?;
    let last = system.as_ref().and_then(|it| it.last.clone());
    let last = last.filter(|it| it.ended_at.is_some());
    Ok(Json(InformationSystem {
        connected: system.map(connection),
        running: stands.running(),
        last: last.map(|it| ended(it, &stands)),
    }))
}

fn connection(system: System) -> SystemConnection {
    let region = region(&system.region);
    let version = version::of(&(region, &system.id_there, system.nightly));
    SystemConnection {
        region,
        school: system.id_there,
        nightly: system.nightly,
        version,
    }
}

fn ended(run: Run, stands: &Everywhere) -> SystemRun {
    let reported = stands.reported(&run);
    let (has_report, seen) = (reported.is_some(), reported.and_then(|it| it.seen.clone()));
    let result = run.result;
    SystemRun {
        began: run.began_at.to_string(),
        outcome: outcome(&result.outcome),
        detail: result.detail,
        created: result.created,
        updated: result.updated,
        unchanged: result.unchanged,
        refused: result.refused,
        leaving: result.gone,
        kept_back: Some(result.kept_back).filter(|it| *it > 0),
        unentered: Some(result.unentered).filter(|it| *it > 0),
        has_report,
        seen,
    }
}

fn outcome(code: &str) -> SystemOutcome {
    match code {
        "done" => SystemOutcome::Done,
        "tried" => SystemOutcome::Tried,
        "asks" => SystemOutcome::Asks,
        "token" => SystemOutcome::Token,
        "school" => SystemOutcome::School,
        "busy" => SystemOutcome::Busy,
        "failing" => SystemOutcome::Failing,
        "unreachable" => SystemOutcome::Unreachable,
        "too_large" => SystemOutcome::TooLarge,
        "keys" => SystemOutcome::Keys,
        "stopped" => SystemOutcome::Stopped,
        "nothing" => SystemOutcome::Nothing,
        "unfinished" => SystemOutcome::Unfinished,
        "unreadable" => SystemOutcome::Unreadable,
        "folder" => SystemOutcome::Folder,
        "records" => SystemOutcome::Records,
        _ => SystemOutcome::Odd,
    }
}

const fn code(region: SystemRegion) -> &'static str {
    match region {
        SystemRegion::World => "world",
        SystemRegion::Australia => "australia",
        SystemRegion::Africa => "africa",
    }
}

fn region(code: &str) -> SystemRegion {
    match code {
        "australia" => SystemRegion::Australia,
        "africa" => SystemRegion::Africa,
        _ => SystemRegion::World,
    }
}
