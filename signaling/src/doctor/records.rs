//! The records and the keys of links: whether they are there and may be used.

use rustix::fs::{Access, access};
use store::{Keys, Place, Store};

use super::{Finding, Health};
use crate::data;
use crate::disks::{self, Disk, Room};
use crate::settings::Settings;

/// Looks, and changes nothing.
pub(super) async fn examine(settings: &Settings) -> Vec<Finding> {
    let place = data::place(settings);
    let mut findings = vec![folder(settings)];
    findings.extend(rooms(settings));
    findings.extend(copies(settings));
    match (Store::look(&place).await, place) {
        (Ok(()), Place::Postgres(_)) => {
            findings.push(Finding::new(Health::Good, "The database answers."));
        }
        (Ok(()), Place::Sqlite(_)) => {}
        (Err(fault), _) => {
            findings.push(Finding::new(Health::Bad, upper(&format!("{fault}."))));
        }
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

/// How much room is left where the program writes.
fn rooms(settings: &Settings) -> Vec<Finding> {
    let finding = |disk: &Disk| {
        let health = match disk.room() {
            Room::Enough => return None,
            Room::Little => Health::Doubtful,
            Room::None => Health::Bad,
        };
        Some(Finding::new(health, disk.sentence()))
    };
    disks::look(settings).iter().filter_map(finding).collect()
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
    let there = disks::nearest(folder)?;
    let error = access(&there, Access::READ_OK | Access::WRITE_OK | Access::EXEC_OK).err()?;
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
