//! The account at the ACME server, made once and kept.

use std::fs;

use instant_acme::{Account, AccountCredentials, NewAccount};
use serde::{Deserialize, Serialize};
use tokio::task::spawn_blocking;

use super::{Acme, Trouble, door, write};

/// What is kept of it. Whoever reads it can have certificates for this server's name.
#[derive(Deserialize, Serialize)]
struct Kept {
    /// The directory of the server that it is at.
    directory: String,
    /// The address that the server was given.
    contact: Option<String>,
    credentials: AccountCredentials,
}

/// The account that is kept; a new one where there is none, or where it is another server's.
pub(super) async fn open(acme: &Acme) -> Result<Account, Trouble> {
    let directory = acme.settings.directory.clone().unwrap_or_default();
    let contact = acme.settings.contact.clone();
    let path = acme.account.clone();
    let kept = spawn_blocking(move || fs::read(path).ok()).await;
    let kept = kept.ok().flatten();
    let kept = kept.and_then(|bytes| serde_json::from_slice::<Kept>(&bytes).ok());
    let builder = Account::builder_with_http(door::open(acme.settings.root.clone()).await?);
    if let Some(kept) = kept
        && kept.directory == directory
        && kept.contact == contact
    {
        return Ok(builder.from_credentials(kept.credentials).await?);
    }
    let mail = contact.as_ref().map(|it| format!("mailto:{it}"));
    let wanted = NewAccount {
        contact: &mail.iter().map(String::as_str).collect::<Vec<_>>(),
        // Whoever sets acme.directory does so; the settings file says it there.
        terms_of_service_agreed: true,
        only_return_existing: false,
    };
    let (account, credentials) = builder.create(&wanted, directory.clone(), None).await?;
    let kept = Kept {
        directory,
        contact,
        credentials,
    };
    let text = serde_json::to_string(&kept).map_err(instant_acme::Error::Json)?;
    write(acme.account.clone(), text).await?;
    Ok(account)
}
