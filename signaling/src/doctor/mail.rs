//! The mail server: whether it is there, and takes our account.

use std::time::Duration;

use post::{Patience, Postman, Server};

use super::{Finding, Health};
use crate::settings::Settings;

/// How long each step of greeting it may take.
const PATIENCE: Patience = Patience {
    step: Duration::from_secs(10),
    taking: Duration::from_secs(10),
    goodbye: Duration::from_secs(1),
};

/// Greets it and signs in, and sends nothing.
pub(super) async fn examine(settings: &Settings) -> Finding {
    let Some(server) = settings.mail.server() else {
        return Finding::new(
            Health::Doubtful,
            "No mail server is set, so that e-mails are written to files: set mail.smtp_host.",
        );
    };
    let name = format!("{server:?}");
    let has_account = server.account.is_some();
    let postman = Postman::to(Server {
        patience: PATIENCE,
        ..server
    });
    match postman {
        Err(error) => Finding::new(Health::Bad, format!("{error}.")),
        Ok(postman) => match postman.try_it().await {
            Ok(()) => {
                let accepts = if has_account {
                    " and accepts our account"
                } else {
                    ""
                };
                let says = format!("The mail server {name} answers{accepts}.");
                Finding::new(Health::Good, says)
            }
            Err(trouble) => Finding::new(
                Health::Bad,
                format!("{} It is set as {name}.", trouble.sentence),
            ),
        },
    }
}
