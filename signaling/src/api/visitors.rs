//! Guests who say who they are: by the link of a meeting room, or by one of their own that somebody
//! sent out of a meeting (ROOM-2, ROOM-3).

use axum::Json;
use school::{Name, Refusal};
use store::Holder;
use wire::http::link::{VisitorLink, VisitorRequest};

use super::ask;
use super::by_link::Linked;
use super::refused::Refused;
use crate::deeds::Doing;

/// `POST /api/v1/links/{id}/visitors`: whoever has a room's link says who they are, and is given a link
/// of their own; who was invited by one of their own keeps it.
pub(crate) async fn come(linked: Linked<VisitorRequest>) -> Result<Json<VisitorLink>, Refused> {
    ask::attempt(&linked.asked.attempt)?;
    let name = Name::read(&linked.asked.name).map_err(|it| Refused::Fields(vec![("name", it)]));
    let attempt = linked.asked.attempt;
    let held = linked.held;
    let keyring = linked.house.keyring.clone();
    let doing = Doing {
        store: linked.house.store.clone(),
        house: linked.house,
        by: store::Actor::Unknown,
        now: linked.now,
    };
    let record = match held.holder {
        Holder::Door(room) => {
            let name = name?;
            doing
                .perform(
                    |it| async move { it.store.come_to_room(room, &name, &attempt, it.now).await },
                )
                .await?
        }
        Holder::Visitor(visitor) if held.is_nameless => {
            let name = name?;
            doing
                .perform(|it| async move { it.store.name_guest(visitor, &name, it.now).await })
                .await?;
            held.record
        }
        // The answer was lost on its way: they have their link already, and their name.
        Holder::Visitor(_) => held.record,
        Holder::Guest(_) | Holder::Parent(_) | Holder::Staff(_) | Holder::Teacher(_) => {
            return Err(Refused::NoSuchLink);
        }
    };
    let path = keyring.path(&record).ok_or(Refusal::NotFound)?;
    Ok(Json(VisitorLink {
        path: path.expose(),
    }))
}
