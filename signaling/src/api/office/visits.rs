//! Those who came to rooms, calls and waiting areas, as the office finds and erases them (DIR-10).

use axum::Json;
use axum::http::StatusCode;
use school::VisitorId;
use wire::http::rooms::{CameBy, VisitSearch, Visits};

use super::super::extract::{Body, Path};
use super::super::refused::Refused;
use super::super::show;
use super::Office;

/// `POST /api/v1/visits/search`: a name that is looked for stands in no address.
pub(crate) async fn search(
    office: Office,
    Body(wanted): Body<VisitSearch>,
) -> Result<Json<Visits>, Refused> {
    let found = office.store.came_by(&wanted.search).await?;
    let visits = found.iter().map(|it| CameBy {
        id: it.id.to_string(),
        name: show::name(&it.name),
        place: it.place.as_str().to_owned(),
        came: it.came.to_string(),
    });
    Ok(Json(Visits {
        visits: visits.collect(),
    }))
}

/// `POST /api/v1/visits/{visit}/erase`: nothing of them is left (DIR-10).
pub(crate) async fn erase(
    office: Office,
    Path(id): Path<VisitorId>,
) -> Result<StatusCode, Refused> {
    office
        .doing()
        .perform(|it| async move { it.store.erase_visit(id, it.by, it.now).await })
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
