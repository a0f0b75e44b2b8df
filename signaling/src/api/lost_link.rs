//! "Send me my link again" (EVE-18): an address is typed, and its links are sent to it if it is known.

use std::sync::Arc;

use axum::http::StatusCode;
use jiff::Timestamp;
use school::EmailAddress;
use store::{Actor, Holder, Store};
use wire::http::LostLinkRequest;

use super::extract::{Anybody, Body};
use super::refused::Refused;

/// `POST /api/v1/lost-link`. What is found is looked for beside the answer, so that neither its words
/// nor its time tell whether anybody has that address.
pub(crate) async fn send_again(
    anybody: Anybody,
    Body(asked): Body<LostLinkRequest>,
) -> Result<StatusCode, Refused> {
    let (house, now) = (anybody.house, anybody.now);
    let address = EmailAddress::read(&asked.email)?;
    house.sign_ins.ask(anybody.source, &address.key()).await?;
    // Who asks for one address again and again fills nobody's mailbox, and reads nothing else.
    if house.limiter.take_lost_link(&address.key()).is_ok() {
        let sending = Arc::clone(&house);
        house.tasks.spawn(async move {
            match send(&sending.store, &address, now).await {
                Ok(0) => {}
                Ok(_) => sending.wake_post(),
                Err(error) => tracing::warn!(%error, "lost links could not be sent again"),
            }
        });
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Queues the links of that address once more; how many.
async fn send(store: &Store, address: &EmailAddress, now: Timestamp) -> store::Result<usize> {
    let mut sent = store.send_lost_invitations(address, now).await?;
    for (evening, holder) in store.links_for(address, now).await? {
        let queued = match holder {
            Holder::Guest(invitation) => store
                .resend(invitation, Actor::Program, now)
                .await
                .map(|_shown| ()),
            Holder::Parent(_)
            | Holder::Teacher(_)
            | Holder::Staff(_)
            | Holder::Visitor(_)
            | Holder::Door(_) => store
                .resend_link(evening, holder, Actor::Program, now)
                .await
                .map(|_has_address| ()),
        };
        match queued {
            Ok(()) => sent += 1,
            // A court order, or an invitation that waits: the office's business, not the asker's.
            Err(store::Error::Refused(_) | store::Error::Spent { .. }) => {}
            Err(store::Error::Fault(fault)) => return Err(fault.into()),
        }
    }
    Ok(sent)
}
