//! `OneRoster` CSV, versions 1.1 and 1.2: a zip file with `manifest.csv` and a file for each kind of
//! record (1EdTech, "`OneRoster`: CSV Tables", §4 in 1.1, "`OneRoster` CSV Binding", §3 in 1.2).

mod folder;
mod people;
mod sheet;

use std::collections::HashSet;

use jiff::civil::Date;
use school::import::Incoming;

use folder::Folder;

/// What a zip file begins with.
const ZIP: &[u8] = b"PK\x03\x04";

/// Why a zip file cannot be read as a whole.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Unreadable {
    /// It is damaged, or protected by a password.
    #[error("This zip file cannot be opened. Export it again.")]
    Damaged,
    /// What it holds is far larger than a school's records are.
    #[error("This zip file holds more than the records of a school can be.")]
    TooLarge,
    /// It has no manifest: it is another kind of zip file, or a workbook.
    #[error(
        "This is no OneRoster export: a zip file of that kind holds a file \"manifest.csv\". If it is a spreadsheet, open it in a spreadsheet program, choose \"Save as\" and \"CSV UTF-8\", and import what is saved."
    )]
    NoManifest,
    /// A version that is not known.
    #[error(
        "This is OneRoster {0}. Versions 1.1 and 1.2 are understood: export it as one of these."
    )]
    OtherVersion(String),
    /// A file is missing that the manifest names, or that must be there.
    #[error("The file \"{0}\" is missing in this zip file. Export it again, with {0}.")]
    MissingFile(&'static str),
    /// A column is missing.
    #[error("In {0}, the column \"{1}\" is missing. Export it again.")]
    MissingColumn(&'static str, &'static str),
    /// A row cannot be read.
    #[error(
        "Row {1} of {0} is not saved as UTF-8. Export it again, and do not open it in between."
    )]
    NotUtf8(&'static str, u64),
    /// A day is written otherwise than `2026-06-30`; the file, the row and what stands there.
    #[error(
        "Row {1} of {0} has the day \"{2}\", which a spreadsheet may have changed. Export it again, and do not open it in between."
    )]
    OtherDay(&'static str, u64, String),
    /// It is of several schools.
    #[error("This export is of several schools: {0}. Export one of them alone.")]
    SeveralSchools(String),
}

/// Whether a file is a zip file.
#[must_use]
pub fn is_zip(file: &[u8]) -> bool {
    file.starts_with(ZIP)
}

/// Reads a zip file. `today` is the day at the school: whoever was in a class until then, or will be
/// in one, is not in it.
///
/// # Errors
///
/// [`Unreadable`] where there is no telling what it says. A row that cannot be taken is no error: it
/// stands in what is given, with the reason.
pub fn read(file: &[u8], today: Date) -> Result<Incoming, Unreadable> {
    let mut folder = Folder::open(file)?;
    let manifest = folder.manifest()?;
    let mut schools = HashSet::new();
    if manifest.has("orgs") {
        folder.each("orgs.csv", &["sourcedId", "name", "type"], |row| {
            if row.get("type") == "school" && !row.is_deleted() {
                schools.insert(row.get("name").to_owned());
            }
            Ok(())
        })?;
    }
    if schools.len() > 1 {
        let mut names: Vec<_> = schools.into_iter().collect();
        names.sort();
        names.truncate(5);
        return Err(Unreadable::SeveralSchools(names.join(", ")));
    }
    people::read(&mut folder, &manifest, today)
}
