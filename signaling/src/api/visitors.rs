//! Guests who come by the link of a meeting room (ROOM-2, ROOM-3).

use axum::Json;
use school::{Name, Refusal};
use store::Holder;
use wire::http::link::{VisitorLink, VisitorRequest};

use super::ask;
use super::by_link::Linked;
use super::refused::Refused;
use crate::deeds::Doing;

/// `POST /api/v1/links/{id}/visitors`: whoever has a room's link says who they are, and is given a link
/// of their own.
pub(crate) async fn come(linked: Linked<VisitorRequest>) -> Result<Json<VisitorLink>, Refused> {
    let Holder::Door(room) = linked.held.holder else {
        return Err(Refused::NoSuchLink);
    };
    ask::attempt(&linked.asked.attempt)?;
    let name = Name::read(&linked.asked.name).map_err(|it| Refused::Fields(vec![("name", it)]))?;
    let attempt = linked.asked.attempt;
    let keyring = linked.house.keyring.clone();
    let doing = Doing {
        store: linked.house.store.clone(),
        house: linked.house,
        by: store::Actor::Unknown,
        now: linked.now,
    };
    let record = doing
        .perform(|it| async move { it.store.come_to_room(room, &name, &attempt, it.now).await })
        .await?;
    let path = keyring.path(&record).ok_or(Refusal::NotFound)?;
    Ok(Json(VisitorLink {
        path: path.expose(),
    }))
}
