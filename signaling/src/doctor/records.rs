//! The records and the keys of links: whether they are there and may be used.

use std::path::Path;

use rustix::fs::{Access, access, statvfs};
use store::{Keys, Place, Store};

use super::{Finding, Health};
use crate::data;
use crate::settings::Settings;

/// With less than so many bytes free the disk is as good as full, and with less than so many soon will be.
const AS_GOOD_AS_FULL: u64 = 50_000_000;
const SOON_FULL: u64 = 1_000_000_000;

/// Looks, and changes nothing.
pub(super) async fn examine(settings: &Settings) -> Vec<Finding> {
    let place = data::place(settings);
    let mut findings = vec![folder(settings)];
    findings.extend(free(&settings.data.folder).and_then(room));
    findings.extend(copies(settings));
    if let Place::Postgres(_) = place {
        findings.push(match Store::reach(&place).await {
            Ok(()) => Finding::new(Health::Good, "The database answers."),
            Err(fault) => Finding::new(Health::Bad, upper(&format!("{fault}."))),
        });
    }
    findings
}

/// The data folder, with the keys in it.
fn folder(settings: &Settings) -> Finding {
    let folder = &settings.data.folder;
    let shown = folder.display();
    if !folder.exists() {
        let says = format!("The data folder {shown} is made at the first start.");
        return Finding::new(Health::Good, says);
    }
    let may = Access::READ_OK | Access::WRITE_OK | Access::EXEC_OK;
    if let Err(error) = access(folder, may) {
        let says = format!(
            "The data folder {shown} cannot be used ({error}): run this as the user whom the server \
             runs as, and let them write in it."
        );
        return Finding::new(Health::Bad, says);
    }
    match Keys::read(folder) {
        Err(fault) => Finding::new(Health::Bad, upper(&format!("{fault}."))),
        Ok(None) if data::are_begun(settings) => {
            let says = format!(
                "The file `keys` is missing in the data folder {shown}, and without it no link that \
                 was sent opens: put it back from the backup."
            );
            Finding::new(Health::Bad, says)
        }
        Ok(_) => Finding::new(
            Health::Good,
            format!("The data folder {shown} can be used."),
        ),
    }
}

/// How many bytes are free where the records are; nothing where they are not yet.
fn free(folder: &Path) -> Option<u64> {
    let disk = statvfs(folder).ok()?;
    Some(disk.f_bavail.saturating_mul(disk.f_frsize))
}

/// What is to be said of so much room.
pub(super) fn room(free: u64) -> Option<Finding> {
    let says = || {
        format!(
            "{} MB are free where the records are: make room, or move data.folder to a larger disk. On one that is \
             full nothing can be booked, invited or changed.",
            free / 1_000_000
        )
    };
    if free < AS_GOOD_AS_FULL {
        Some(Finding::new(Health::Bad, says()))
    } else if free < SOON_FULL {
        Some(Finding::new(Health::Doubtful, says()))
    } else {
        None
    }
}

/// Whether the records are copied every night.
pub(super) fn copies(settings: &Settings) -> Option<Finding> {
    if settings.database.url.is_some() {
        return None;
    }
    let Some(folder) = &settings.backup.folder else {
        let says = "The records are copied nowhere: set backup.folder, and bring what lies there, and the file \
                    `keys`, to another place.";
        return Some(Finding::new(Health::Doubtful, says));
    };
    // It is made where there is none.
    let there = folder.ancestors().find(|it| it.exists())?;
    let error = access(there, Access::READ_OK | Access::WRITE_OK | Access::EXEC_OK).err()?;
    let says = format!(
        "No copies can be written in {} (backup.folder): {error}. Let the user whom the server runs as write there; \
         outside /var/lib/homeroom the service of the package also needs it in ReadWritePaths.",
        folder.display()
    );
    Some(Finding::new(Health::Bad, says))
}

/// A sentence of it.
fn upper(text: &str) -> String {
    let mut chars = text.chars();
    chars
        .next()
        .map(|first| first.to_uppercase().chain(chars).collect())
        .unwrap_or_default()
}
