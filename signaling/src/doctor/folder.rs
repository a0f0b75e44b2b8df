//! The folder in which another system leaves lists (`import.folder`): whether it is there, who may write
//! into it, and what lies there.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use super::{Finding, Health};
use crate::dropped;
use crate::settings::Import;

/// That others may read, and write.
const OTHERS_READ: u32 = 0o004;
const OTHERS_WRITE: u32 = 0o002;

/// How many files a sentence names.
const MOST_NAMED: usize = 5;

/// Nothing where there is none.
pub(super) fn examine(settings: &Import) -> Vec<Finding> {
    let Some(folder) = &settings.folder else {
        return Vec::new();
    };
    let shown = folder.display();
    let mode = match fs::metadata(folder) {
        Ok(about) if about.is_dir() => about.permissions().mode(),
        Ok(_) => {
            let says = format!("{shown} (import.folder) is not a folder: name one.");
            return vec![Finding::new(Health::Bad, says)];
        }
        Err(error) => {
            let says = format!(
                "The import folder {shown} (import.folder) cannot be looked at ({error}): make it, and let the user of the service read it."
            );
            return vec![Finding::new(Health::Bad, says)];
        }
    };
    let mut findings = vec![match dropped::names(folder) {
        Err(why) => Finding::new(
            Health::Bad,
            format!(
                "What lies in the import folder {shown} cannot be read ({why}): let the user of the service read it."
            ),
        ),
        Ok(names) if names.is_empty() => Finding::new(
            Health::Doubtful,
            format!("Nothing to import lies in the import folder {shown}: no .csv, and no .zip."),
        ),
        Ok(names) => {
            let first = names.get(..MOST_NAMED).unwrap_or(&names).join(", ");
            let more = match names.len().saturating_sub(MOST_NAMED) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            let says = format!("The import folder {shown} contains, newest first: {first}{more}.");
            Finding::new(Health::Good, says)
        }
    }];
    if mode & OTHERS_WRITE != 0 {
        findings.push(Finding::new(
            Health::Bad,
            format!(
                "Anybody on this machine may write into the import folder {shown}, and so put people into the school's records: chmod o-rwx {shown}"
            ),
        ));
    } else if mode & OTHERS_READ != 0 {
        findings.push(Finding::new(
            Health::Doubtful,
            format!(
                "Anybody on this machine may read the import folder {shown}, where the school's records lie: chmod o-rwx {shown}"
            ),
        ));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_there_ours_and_holds_something() {
        let place = tempfile::tempdir().expect("a folder");
        let folder = place.path().join("lists");
        let settings = Import {
            folder: Some(folder.clone()),
            ..Import::default()
        };
        let health = || {
            let found = examine(&settings).into_iter();
            found.map(|it| it.health).collect::<Vec<_>>()
        };
        let allow = |mode| {
            let set = fs::set_permissions(&folder, fs::Permissions::from_mode(mode));
            set.expect("it is ours");
        };
        assert_eq!(examine(&Import::default()), []);
        assert_eq!(health(), [Health::Bad]);
        fs::write(&folder, "").expect("written");
        assert_eq!(health(), [Health::Bad], "a file");
        fs::remove_file(&folder).expect("it is ours");
        fs::create_dir(&folder).expect("made");
        allow(0o750);
        assert_eq!(health(), [Health::Doubtful]);
        fs::write(folder.join("students.csv"), "x").expect("written");
        assert_eq!(health(), [Health::Good]);
        assert!(examine(&settings)[0].says.ends_with(": students.csv."));
        allow(0o755);
        assert_eq!(health(), [Health::Good, Health::Doubtful]);
        allow(0o777);
        assert_eq!(health(), [Health::Good, Health::Bad]);
    }
}
