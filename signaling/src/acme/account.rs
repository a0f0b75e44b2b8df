//! The account at the ACME server, made once and kept.

use instant_acme::{Account, AccountCredentials, NewAccount};
use serde::{Deserialize, Serialize};

use super::{Acme, Trouble, client, file};

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
    let contact = acme.settings.contact.clone();
    let client = || client::open(acme.settings.root.clone());
    let kept = file::read(&acme.account).await?;
    let kept = kept.and_then(|bytes| match serde_json::from_slice::<Kept>(&bytes) {
        Ok(kept) => Some(kept),
        Err(error) => {
            tracing::warn!(%error, "the account at the ACME server cannot be read: another is made");
            None
        }
    });
    if let Some(kept) = kept
        && kept.directory == acme.directory()
        && kept.contact == contact
    {
        let builder = Account::builder_with_http(client().await?);
        return Ok(builder.from_credentials(kept.credentials).await?);
    }
    let mail = contact.as_ref().map(|it| format!("mailto:{it}"));
    let wanted = NewAccount {
        contact: &mail.iter().map(String::as_str).collect::<Vec<_>>(),
        // Whoever sets acme.directory does so; the settings file says it there.
        terms_of_service_agreed: true,
        only_return_existing: false,
    };
    let directory = acme.directory().to_owned();
    let builder = Account::builder_with_http(client().await?);
    let (account, credentials) = builder.create(&wanted, directory.clone(), None).await?;
    let kept = Kept {
        directory,
        contact,
        credentials,
    };
    let text = serde_json::to_string(&kept).map_err(instant_acme::Error::Json)?;
    file::write(&acme.account, text).await?;
    Ok(account)
}

/// The server knows nothing of the account: another is made the next time.
pub(super) async fn forget(acme: &Acme) -> Result<(), Trouble> {
    tracing::warn!("the ACME server knows nothing of the account: another is made");
    file::remove(&acme.account).await
}
