//! Calls that somebody stopped for abuse, as the office reads of them and lets people back (SCR-14).

use axum::Json;
use axum::http::StatusCode;
use school::StopId;
use wire::http::office::{StopState, StoppedCall, StoppedCalls};

use super::super::extract::Path;
use super::super::refused::Refused;
use super::super::show;
use super::Office;

/// `GET /api/v1/stopped`.
pub(crate) async fn list(office: Office) -> Result<Json<StoppedCalls>, Refused> {
    let all = office.store.stopped_calls().await?;
    let calls = all.iter().map(shown).collect();
    Ok(Json(StoppedCalls { calls }))
}

/// `POST /api/v1/stopped/{stop}/keep`: the office has looked at it.
pub(crate) async fn keep(office: Office, Path(id): Path<StopId>) -> Result<StatusCode, Refused> {
    let it = office.doing();
    it.store.keep_stop(id, it.by, it.now).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /api/v1/stopped/{stop}/let-back`: whom it kept out may come again.
pub(crate) async fn let_back(
    office: Office,
    Path(id): Path<StopId>,
) -> Result<StatusCode, Refused> {
    office
        .doing()
        .perform(|it| async move { it.store.let_back(id, it.by, it.now).await })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

fn shown(one: &store::StoppedCall) -> StoppedCall {
    let (student, starts) = one.about.as_ref().map_or((None, None), |(name, starts)| {
        (Some(show::name(name)), Some(starts.to_string()))
    });
    StoppedCall {
        id: one.id.to_string(),
        at: one.at.to_string(),
        by: one.by.as_ref().map_or_else(String::new, show::name),
        place: one.place.as_str().to_owned(),
        student,
        starts,
        guests: one.guests.iter().map(show::name).collect(),
        note: one.note.reveal().to_owned(),
        state: match one.state {
            store::StopState::New => StopState::New,
            store::StopState::Stands => StopState::Stands,
            store::StopState::LetBack => StopState::LetBack,
        },
    }
}
