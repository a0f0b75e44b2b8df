//! The receivers of webhooks: whether each takes what is sent to it.

use super::{Finding, Health};
use crate::settings::Settings;
use crate::webhooks::Webhooks;

/// Sends each an event of the type `test`.
pub(super) async fn examine(settings: &Settings) -> Vec<Finding> {
    let webhooks = match Webhooks::of(&settings.webhooks) {
        Ok(Some(webhooks)) => webhooks,
        Ok(None) => return Vec::new(),
        Err(error) => return vec![Finding::new(Health::Bad, format!("{error}."))],
    };
    let tried = webhooks.try_them(ambient::now()).await;
    let findings = tried.into_iter().map(|(number, trouble)| match trouble {
        None => Finding::new(
            Health::Good,
            format!("Receiver {number} of webhooks.urls takes what is sent to it."),
        ),
        Some(why) => Finding::new(
            Health::Bad,
            format!(
                "Receiver {number} of webhooks.urls did not take a test: {why}. See that it runs, that the \
                 address is right, and that it knows the secret."
            ),
        ),
    });
    findings.collect()
}
