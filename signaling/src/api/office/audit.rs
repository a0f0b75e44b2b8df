//! The audit log (DIR-10).

use std::collections::BTreeSet;

use axum::Json;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use store::Action;
use wire::http::office::{Audit, AuditRow};

use super::super::extract::Query;
use super::super::refused::Refused;
use super::Office;

/// How many rows are on a page.
const PAGE: u16 = 100;

/// Which rows.
#[derive(Debug, Deserialize)]
pub(crate) struct Wanted {
    before: Option<String>,
}

/// `GET /api/v1/audit?before=`.
pub(crate) async fn list(
    office: Office,
    Query(wanted): Query<Wanted>,
) -> Result<Json<Audit>, Refused> {
    let before = match wanted.before.as_deref() {
        None | Some("") => None,
        Some(number) => Some(number.parse().map_err(|_none| Refused::BadRequest)?),
    };
    let rows = office.store.audit_log(before, PAGE).await?;
    let is_full = rows.len() >= usize::from(PAGE);
    let named: BTreeSet<String> = rows.iter().flat_map(named_in).collect();
    Ok(Json(Audit {
        names: office.store.names_of(named).await?,
        next: rows
            .last()
            .filter(|last| is_full && last.number > 1)
            .map(|last| last.number.to_string()),
        rows: rows
            .iter()
            .map(|row| AuditRow {
                number: row.number.to_string(),
                at: row.at.to_string(),
                who: row.actor.clone(),
                what: row.action.clone(),
                about: row.subject.clone(),
                detail: row.detail.clone(),
            })
            .collect(),
    }))
}

/// Whom and what a row names, as kind and id.
fn named_in(row: &store::AuditRow) -> impl Iterator<Item = String> {
    let detail = row.detail.split(' ').filter_map(|part| {
        let (key, id) = part.split_once('=')?;
        let kind = if key == "inviter" { "contact" } else { key };
        Some(format!("{kind}:{id}"))
    });
    [row.actor.clone(), row.subject.clone()]
        .into_iter()
        .chain(detail)
}

/// `GET /api/v1/audit.csv`.
pub(crate) async fn csv(office: Office) -> Result<Response, Refused> {
    if let Err(broken) = office.store.check_audit_log(None).await? {
        tracing::warn!(%broken, "the audit log does not hold");
    }
    let text = office.store.audit_csv().await?;
    let actor = office.actor();
    office
        .store
        .note(actor, Action::AuditExported, "school", &[], office.now)
        .await?;
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8"),
        (CONTENT_DISPOSITION, "attachment; filename=\"audit.csv\""),
    ];
    Ok((headers, text).into_response())
}
