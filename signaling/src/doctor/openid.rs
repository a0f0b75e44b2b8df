//! The provider by which the staff sign in: whether it is there, and calls itself what is set.

use super::{Finding, Health};
use crate::openid::Openid;
use crate::settings::Settings;

/// Asks it who it is; nobody is signed in.
pub(super) async fn examine(settings: &Settings) -> Option<Finding> {
    let openid = Openid::of(&settings.openid)?;
    let issuer = openid.issuer();
    let url = settings.public_url(settings.http.listen);
    Some(match openid.look(ambient::now()).await {
        Ok(()) => Finding::new(
            Health::Good,
            format!(
                "The provider {issuer} answers: enter {} as the address to lead back to there.",
                crate::openid::back(&url)
            ),
        ),
        Err(trouble) => Finding::new(
            Health::Bad,
            format!("The staff cannot sign in by {}: {trouble}", openid.name()),
        ),
    })
}
