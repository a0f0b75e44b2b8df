//! Students, contacts, teachers and classes out of a file, and people erased.

use std::mem::take;
use std::panic::resume_unwind;
use std::sync::Arc;

use axum::Json;
use axum::http::StatusCode;
use school::import::{
    self, Choice, Column, Incoming, Kind, Leaving, List, Opened, Outcome, Unentered, Unreadable,
};
use school::{ContactId, StudentId, TeacherId};
use serde::Deserialize;
use sources::oneroster;
use store::{Doing, Imported, Then};
use tokio::task::spawn_blocking;
use wire::http::people::{
    ContactPerson, ImportColumns, ImportKind, ImportOutcome, ImportReading, ImportReport,
    ImportRow, Student, Teachers, UnenteredOrder,
};

use super::super::extract::{Path, Query, Sheet};
use super::super::refused::Refused;
use super::super::show;
use super::Office;

/// How many rows are shown to choose columns by.
const SAMPLES: usize = 5;

/// Whether to do it or only to try, what the columns mean where that was chosen, whether the list
/// names everybody, and whether the contacts whom it brings are invited to register.
#[derive(Debug, Deserialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a parameter of the address"
)]
pub(crate) struct How {
    #[serde(default)]
    apply: bool,
    columns: Option<String>,
    headings: Option<bool>,
    #[serde(default)]
    whole: bool,
    #[serde(default)]
    all_the_same: bool,
    #[serde(default)]
    invite: bool,
}

impl How {
    const fn doing(&self) -> Doing {
        match (self.apply, self.all_the_same) {
            (false, _) => Doing::Trying,
            (true, false) => Doing::Surely,
            (true, true) => Doing::AllTheSame,
        }
    }

    const fn then(&self) -> Then {
        if self.invite {
            Then::Invite
        } else {
            Then::Nothing
        }
    }

    fn choice(&self) -> Result<Option<Choice>, Refused> {
        let Some(columns) = &self.columns else {
            return Ok(None);
        };
        let read = |code: &str| match code {
            "" => Ok(None),
            code => Column::of_code(code).map(Some).ok_or(Refused::BadRequest),
        };
        Ok(Some(Choice {
            columns: columns.split(',').map(read).collect::<Result<_, _>>()?,
            has_headings: self.headings.unwrap_or(true),
        }))
    }
}

/// `POST /api/v1/import/students?apply=&columns=&headings=&invite=`: a result for every row.
pub(crate) async fn students(
    office: Office,
    Query(how): Query<How>,
    Sheet(file): Sheet,
) -> Result<Json<ImportReport>, Refused> {
    if oneroster::is_zip(&file) {
        return zip(office, &how, file).await;
    }
    let now_chosen = how.choice()?;
    let unreadable = |why: Unreadable| Refused::Unreadable(why.to_string());
    let file = aside(move || import::open(&file)).await;
    let file = file.map_err(unreadable)?;
    let chosen = match now_chosen.clone() {
        Some(choice) => Some((choice, false)),
        None => {
            let earlier = office.store.chosen_columns(&file).await?;
            earlier.map(|choice| (choice, true))
        }
    };
    let choice = chosen.as_ref().map(|(choice, _)| choice.clone());
    let (table, file) = aside(move || (file.table(choice.as_ref()), file)).await;
    let mut table = match table {
        Ok(table) => table,
        Err(why) if why.is_about_columns() => {
            let mut report = report(&file, chosen.as_ref());
            report.problem = Some(why.to_string());
            if why == Unreadable::UnclearList {
                report.readings = file.readings().iter().map(reading).collect();
            }
            return Ok(Json(report));
        }
        Err(why) => return Err(unreadable(why)),
    };
    let (unused, guessed) = (take(&mut table.unused), take(&mut table.guessed));
    let imported = office.import(table.incoming(how.whole), &how).await?;
    if let (true, Some(choice)) = (imported.is_done, &now_chosen) {
        office.store.keep_columns(&file, choice, office.now).await?;
    }
    let report = report(&file, chosen.as_ref());
    Ok(Json(ImportReport {
        unused,
        guessed,
        ..with_rows(report, &imported)
    }))
}

/// A zip file of `OneRoster`.
async fn zip(office: Office, how: &How, file: bytes::Bytes) -> Result<Json<ImportReport>, Refused> {
    let today = office.now.to_zoned(office.house.zone().await?).date();
    let read = aside(move || oneroster::read(&file, today)).await;
    let incoming = read.map_err(|why| Refused::Unreadable(why.to_string()))?;
    let imported = office.import(incoming, how).await?;
    Ok(Json(with_rows(ImportReport::default(), &imported)))
}

impl Office {
    async fn import(&self, incoming: Incoming, how: &How) -> Result<Imported, Refused> {
        let incoming = Incoming {
            countries: self.house.countries.clone(),
            ..incoming
        };
        let (incoming, doing, then) = (Arc::new(incoming), how.doing(), how.then());
        self.doing()
            .perform(|it| async move {
                it.store
                    .import(incoming, (doing, then), it.by, it.now)
                    .await
            })
            .await
    }
}

/// On a thread of its own: whoever talks does not wait for a large file.
async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let working = spawn_blocking(work).await;
    working.unwrap_or_else(|failed| resume_unwind(failed.into_panic()))
}

/// What a run came to that nobody uploaded.
pub(crate) fn import_report(imported: &Imported) -> ImportReport {
    with_rows(ImportReport::default(), imported)
}

/// What has become of the rows.
fn with_rows(report: ImportReport, imported: &Imported) -> ImportReport {
    let results = &imported.results;
    let count = |outcome| {
        let same = results.iter().filter(|row| shown(row.outcome) == outcome);
        show::count(same.count())
    };
    ImportReport {
        created: count(ImportOutcome::Created),
        updated: count(ImportOutcome::Updated),
        unchanged: count(ImportOutcome::Unchanged),
        refused: count(ImportOutcome::Refused),
        applied: imported.is_done,
        asks_first: imported.asks_first,
        invited: (imported.invited.as_ref())
            .map(|it| show::count(it.sent))
            .filter(|it| *it > 0),
        invitations: imported.invited.as_ref().map(super::registrations::shown),
        kept_back: Some(show::count(imported.kept_back)).filter(|it| *it > 0),
        orders: imported.unentered.iter().map(unentered).collect(),
        leaving: imported.leaving.iter().map(Leaving::says).collect(),
        notes: imported.notes.clone(),
        rows: results
            .iter()
            .map(|row| ImportRow {
                line: u32::try_from(row.line).unwrap_or(u32::MAX),
                outcome: shown(row.outcome),
                student: row.name.clone(),
                kind: match row.kind {
                    Kind::Student => ImportKind::Student,
                    Kind::Teacher => ImportKind::Teacher,
                    Kind::Class => ImportKind::Class,
                    Kind::Contact => ImportKind::Contact,
                },
                reason: row.reason.clone(),
                does: row.does.clone(),
            })
            .collect(),
        ..report
    }
}

fn reading((list, choice): &(List, Choice)) -> ImportReading {
    ImportReading {
        list: match list {
            List::Students => ImportKind::Student,
            List::Teachers => ImportKind::Teacher,
            List::Classes => ImportKind::Class,
        },
        chosen: codes(choice),
    }
}

fn codes(choice: &Choice) -> Vec<String> {
    let code = |it: &Option<Column>| it.map(Column::code).unwrap_or_default();
    choice.columns.iter().map(code).collect()
}

/// A court order that could not be entered.
pub(super) fn unentered(order: &Unentered) -> UnenteredOrder {
    UnenteredOrder {
        key: order.key.clone(),
        name: order.name.clone(),
        student: order.student.clone(),
    }
}

/// What is to be said of a file's columns: as they were chosen, now or earlier, or by the headings.
fn report(file: &Opened, chosen: Option<&(Choice, bool)>) -> ImportReport {
    let understood = || (file.understood(), false);
    let (choice, remembered) = chosen.cloned().unwrap_or_else(understood);
    ImportReport {
        columns: ImportColumns {
            headings: file.headings(),
            samples: file.samples(SAMPLES),
            chosen: codes(&choice),
            has_headings: choice.has_headings,
            remembered,
            choices: Column::all().map(Column::code).collect(),
        },
        ..ImportReport::default()
    }
}

const fn shown(outcome: Outcome) -> ImportOutcome {
    match outcome {
        Outcome::Created => ImportOutcome::Created,
        Outcome::Updated => ImportOutcome::Updated,
        Outcome::Unchanged => ImportOutcome::Unchanged,
        Outcome::Refused => ImportOutcome::Refused,
    }
}

/// `POST /api/v1/students/{student}/back`: they had not left after all.
pub(crate) async fn student_back(
    office: Office,
    Path(id): Path<StudentId>,
) -> Result<Json<Student>, Refused> {
    let (actor, now) = (office.actor(), office.now);
    office.store.bring_back_student(id, actor, now).await?;
    super::students::found(&office, id).await
}

/// `POST /api/v1/contacts/{contact}/back`: they had not left after all.
pub(crate) async fn contact_back(
    office: Office,
    Path(id): Path<ContactId>,
) -> Result<Json<ContactPerson>, Refused> {
    office
        .doing()
        .perform(|it| async move { it.store.bring_back_contact(id, it.by, it.now).await })
        .await?;
    super::contacts::found(&office, id).await.map(Json)
}

/// `POST /api/v1/teachers/{teacher}/back`: they had not left after all, or are here again.
pub(crate) async fn teacher_back(
    office: Office,
    Path(id): Path<TeacherId>,
) -> Result<Json<Teachers>, Refused> {
    let (actor, now) = (office.actor(), office.now);
    office.store.bring_back_teacher(id, actor, now).await?;
    super::people::all_teachers(&office).await
}

/// `POST /api/v1/students/{student}/erase`.
pub(crate) async fn erase_student(
    office: Office,
    Path(id): Path<StudentId>,
) -> Result<StatusCode, Refused> {
    office
        .doing()
        .perform(|it| async move { it.store.erase_student(id, it.by, it.now).await })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /api/v1/contacts/{contact}/erase`.
pub(crate) async fn erase_contact(
    office: Office,
    Path(id): Path<ContactId>,
) -> Result<StatusCode, Refused> {
    office
        .doing()
        .perform(|it| async move { it.store.erase_contact(id, it.by, it.now).await })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /api/v1/teachers/{teacher}/erase`.
pub(crate) async fn erase_teacher(
    office: Office,
    Path(id): Path<TeacherId>,
) -> Result<StatusCode, Refused> {
    office
        .doing()
        .perform(|it| async move { it.store.erase_teacher(id, it.by, it.now).await })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
