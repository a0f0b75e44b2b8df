//! What the office should know of the program itself.

use axum::Json;
use wire::http::office::{Notices, PartNotice};

use super::super::refused::Refused;
use super::Office;

/// `GET /api/v1/notices`.
pub(crate) async fn list(office: Office) -> Result<Json<Notices>, Refused> {
    let all = office.house.health();
    let notices = all.iter().filter_map(|(part, state)| {
        Some(PartNotice {
            part: (*part).to_owned(),
            text: state.sentence()?.to_owned(),
        })
    });
    Ok(Json(Notices {
        notices: notices.collect(),
    }))
}
