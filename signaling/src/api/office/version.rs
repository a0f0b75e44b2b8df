//! Two people at one form: whoever saves later is told what is there by then, and decides.

use school::Refusal;
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use store::Saving;
use tokio::sync::MutexGuard;

use super::super::refused::Refused;
use super::Office;

/// How many characters of the digest tell two versions apart.
const LENGTH: usize = 16;

/// Nothing changes between looking and saving, at this node or another, for as long as this is there.
pub(super) struct Turn<'o> {
    // In this order: whoever is next here finds the records free.
    _everywhere: Saving,
    _here: MutexGuard<'o, ()>,
}

/// Waits for one's turn to save.
pub(super) async fn turn(office: &Office) -> Result<Turn<'_>, Refused> {
    let here = office.house.saving.lock().await;
    let everywhere = office.store.saving().await?;
    Ok(Turn {
        _everywhere: everywhere,
        _here: here,
    })
}

/// The version of what a form shows.
pub(super) fn of<T: Serialize>(shown: &T) -> String {
    // What the API answers with can be written as JSON.
    let json = serde_json::to_vec(shown).unwrap_or_default();
    let digest = Sha256::digest(&json);
    let hex = digest.iter().map(|byte| format!("{byte:02x}"));
    hex.collect::<String>().chars().take(LENGTH).collect()
}

/// Whether a form began with what is kept now; a client that names no version writes over it.
pub(super) fn check(began_with: Option<&str>, kept: &str) -> Result<(), Refused> {
    match began_with {
        Some(version) if version != kept => Err(Refused::Rule(Refusal::ChangedMeanwhile)),
        Some(_) | None => Ok(()),
    }
}
