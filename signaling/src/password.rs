//! A new password for somebody of the office who has forgotten theirs.
use rand::distr::{Alphanumeric, SampleString as _};
use school::EmailAddress;
use store::{Actor, Store};
use thiserror::Error;

use crate::hashing;

/// Characters of a password that is made here.
const LENGTH: usize = 20;

/// Why there is no new password.
#[derive(Debug, Error)]
pub enum PasswordError {
    /// Nobody signs in with that address.
    #[error("nobody signs in to the office with the address {0}")]
    Nobody(String),
    /// The system could not make one.
    #[error("cannot make a password")]
    Unmade,
    /// The records cannot be changed.
    #[error(transparent)]
    Records(#[from] store::Error),
}

/// Gives the account of that address another password, and ends its sessions; where it is said, its second
/// factor as well, if it has one.
///
/// # Errors
///
/// Those of [`PasswordError`].
pub async fn renew_password(
    store: &Store,
    email: &str,
    without_second_factor: bool,
) -> Result<String, PasswordError> {
    let nobody = || PasswordError::Nobody(email.to_owned());
    let address = EmailAddress::read(email).map_err(|_none| nobody())?;
    let account = store.staff_by_email(&address).await?.ok_or_else(nobody)?;
    let password = Alphanumeric.sample_string(&mut ambient::rng(), LENGTH);
    let hash = hashing::hash(&password).ok_or(PasswordError::Unmade)?;
    let (by, now) = (Actor::Program, ambient::now());
    store.change_password(account.id, &hash, by, now).await?;
    if without_second_factor && store.second_factor(account.id).await?.is_some() {
        store.remove_second_factor(account.id, by, now).await?;
    }
    Ok(password)
}
