//! Students, contacts and classes out of a file, and people erased.

use std::panic::resume_unwind;

use axum::Json;
use axum::http::StatusCode;
use school::import::{self, Outcome};
use school::{ContactId, StudentId, TeacherId};
use serde::Deserialize;
use tokio::task::spawn_blocking;
use wire::http::people::{ImportOutcome, ImportReport, ImportRow};

use super::super::extract::{Path, Query, Sheet};
use super::super::refused::Refused;
use super::super::show;
use super::Office;

/// Whether to do it, or only to try.
#[derive(Debug, Deserialize)]
pub(crate) struct How {
    #[serde(default)]
    apply: bool,
}

/// `POST /api/v1/import/students?apply=`: a result for every row.
pub(crate) async fn students(
    office: Office,
    Query(how): Query<How>,
    Sheet(file): Sheet,
) -> Result<Json<ImportReport>, Refused> {
    // On a thread of its own: whoever talks does not wait for a large file.
    let reading = spawn_blocking(move || import::read(&file));
    let table = reading
        .await
        .unwrap_or_else(|failed| resume_unwind(failed.into_panic()))
        .map_err(|why| Refused::Unreadable(why.to_string()))?;
    let rows = table.rows;
    let imported = office
        .doing()
        .perform(|it| async move {
            let imported = it.store.import_students(rows, how.apply, it.by, it.now);
            imported.await
        })
        .await?;
    let results = imported.results;
    let count = |outcome| {
        let same = results.iter().filter(|row| shown(row.outcome) == outcome);
        show::count(same.count())
    };
    Ok(Json(ImportReport {
        applied: how.apply,
        unused: table.unused,
        created: count(ImportOutcome::Created),
        updated: count(ImportOutcome::Updated),
        unchanged: count(ImportOutcome::Unchanged),
        refused: count(ImportOutcome::Refused),
        rows: results
            .iter()
            .map(|row| ImportRow {
                line: u32::try_from(row.line).unwrap_or(u32::MAX),
                outcome: shown(row.outcome),
                student: row.student.clone(),
                reason: row.reason.clone(),
                does: row.does.clone(),
            })
            .collect(),
    }))
}

const fn shown(outcome: Outcome) -> ImportOutcome {
    match outcome {
        Outcome::Created => ImportOutcome::Created,
        Outcome::Updated => ImportOutcome::Updated,
        Outcome::Unchanged => ImportOutcome::Unchanged,
        Outcome::Refused => ImportOutcome::Refused,
    }
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
