//! "Forgotten password" of the office (EVE-18): an address is typed, and a link by which a new password
//! is chosen is sent to it, if anybody signs in with it.

use std::sync::Arc;

use axum::http::StatusCode;
use school::EmailAddress;
use wire::http::session::LostPassword;

use super::extract::{Anybody, Body};
use super::refused::Refused;

/// `POST /api/v1/lost-password`. The account is looked for beside the answer, so that neither its
/// words nor its time tell whether there is one.
pub(crate) async fn send(
    anybody: Anybody,
    Body(asked): Body<LostPassword>,
) -> Result<StatusCode, Refused> {
    let (house, now) = (anybody.house, anybody.now);
    let address = EmailAddress::read(&asked.email)?;
    house.sign_ins.ask(anybody.source, &address.key()).await?;
    if house.is_only_by_provider() {
        return Ok(StatusCode::NO_CONTENT);
    }
    // Who asks for one address again and again fills nobody's mailbox, and reads nothing else.
    if house.limiter.take_lost_password(&address.key()).is_ok() {
        let sending = Arc::clone(&house);
        house.tasks.spawn(async move {
            match sending.store.send_new_password(&address, now).await {
                Ok(true) => sending.wake_post(),
                Ok(false) => {}
                Err(error) => tracing::warn!(%error, "a link for a new password could not be sent"),
            }
        });
    }
    Ok(StatusCode::NO_CONTENT)
}
