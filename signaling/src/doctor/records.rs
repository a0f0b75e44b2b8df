//! The records and the keys of links: whether they are there and may be used.

use rustix::fs::{Access, access};
use store::{Keys, Place, Store};

use super::{Finding, Health};
use crate::data;
use crate::settings::Settings;

/// Looks, and changes nothing.
pub(super) async fn examine(settings: &Settings) -> Vec<Finding> {
    let place = data::place(settings);
    let mut findings = vec![folder(settings)];
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

/// A sentence of it.
fn upper(text: &str) -> String {
    let mut chars = text.chars();
    chars
        .next()
        .map(|first| first.to_uppercase().chain(chars).collect())
        .unwrap_or_default()
}
