//! What the office should know of the program itself.

use axum::Json;
use axum::extract::{Request, State};
use wire::http::office::{Notices, PartNotice};

use super::super::ask::Shared;
use super::super::refused::Refused;
use super::enter;

/// `GET /api/v1/notices`.
pub(crate) async fn list(
    State(house): State<Shared>,
    request: Request,
) -> Result<Json<Notices>, Refused> {
    enter(&house, &request).await?;
    let all = house.health.all();
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
