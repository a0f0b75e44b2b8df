//! The files in the zip file, and what its manifest says of them.

use std::collections::BTreeMap;
use std::io::{Cursor, Read as _};

use zip::ZipArchive;

use super::Unreadable;
use super::sheet::{self, SheetRow};

/// The most files: the specification has some twenty.
const MOST_FILES: usize = 100;

/// The most that all files hold, bytes: enrolments of a large school are some ten million.
const LARGEST: u64 = 64 * 1024 * 1024;

/// An opened zip file.
pub(super) struct Folder<'f> {
    files: ZipArchive<Cursor<&'f [u8]>>,
    /// How many bytes may still be read.
    left: u64,
}

/// How a file is filled.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Filled {
    /// With everything there is.
    Whole,
    /// With what has changed.
    Delta,
}

/// Which files there are, by their names without `.csv`.
#[derive(Debug)]
pub(super) struct Manifest {
    files: BTreeMap<String, Filled>,
}

impl Manifest {
    pub(super) fn has(&self, name: &str) -> bool {
        self.files.contains_key(name)
    }

    pub(super) fn is_whole(&self, name: &str) -> bool {
        self.files.get(name) == Some(&Filled::Whole)
    }
}

impl<'f> Folder<'f> {
    pub(super) fn open(file: &'f [u8]) -> Result<Self, Unreadable> {
        let files = ZipArchive::new(Cursor::new(file)).map_err(|_broken| Unreadable::Damaged)?;
        if files.len() > MOST_FILES {
            // A workbook has that many too.
            return Err(Unreadable::NoManifest);
        }
        Ok(Self {
            files,
            left: LARGEST,
        })
    }

    /// The whole text of a file, wherever in the zip file it lies.
    fn text(&mut self, name: &'static str) -> Result<Option<Vec<u8>>, Unreadable> {
        // A name that cannot be read is none of ours.
        let names = self.files.file_names().filter_map(Result::ok);
        let whole = names.map(std::borrow::Cow::into_owned).find(|path| {
            // Some programs for Windows put its own sign between folders.
            let last = path.rsplit(['/', '\\']).next();
            last.is_some_and(|it| it.eq_ignore_ascii_case(name)) && !path.starts_with("__MACOSX")
        });
        let Some(whole) = whole else {
            return Ok(None);
        };
        let file = self.files.by_name(&whole);
        let file = file.map_err(|_broken| Unreadable::Damaged)?;
        let mut bytes = Vec::new();
        file.take(self.left + 1)
            .read_to_end(&mut bytes)
            .map_err(|_broken| Unreadable::Damaged)?;
        let read = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.left = self.left.checked_sub(read).ok_or(Unreadable::TooLarge)?;
        Ok(Some(bytes))
    }

    /// What `manifest.csv` says. Both versions name the files in it alike.
    pub(super) fn manifest(&mut self) -> Result<Manifest, Unreadable> {
        let name = "manifest.csv";
        let text = self.text(name)?.ok_or(Unreadable::NoManifest)?;
        let mut files = BTreeMap::new();
        let mut version = None;
        sheet::each(&text, name, &["propertyName", "value"], |row| {
            let (property, value) = (row.get("propertyName"), row.get("value"));
            let property = property.to_ascii_lowercase();
            if property == "oneroster.version" {
                version = Some(value.to_owned());
            }
            let filled = match value.to_ascii_lowercase().as_str() {
                "bulk" => Some(Filled::Whole),
                "delta" => Some(Filled::Delta),
                _ => None,
            };
            if let (Some(file), Some(filled)) = (property.strip_prefix("file."), filled) {
                files.insert(file.to_owned(), filled);
            }
            Ok(())
        })?;
        let version = version.as_deref().unwrap_or("without a version");
        // `1.1.0` is 1.1.
        let mut parts = version.split('.');
        match (parts.next(), parts.next()) {
            (Some("1"), Some("1" | "2")) => Ok(Manifest { files }),
            _ => Err(Unreadable::OtherVersion(version.to_owned())),
        }
    }

    /// Shows each row of a file that must be there, with these columns.
    pub(super) fn each(
        &mut self,
        name: &'static str,
        columns: &[&'static str],
        see: impl FnMut(&SheetRow<'_>) -> Result<(), Unreadable>,
    ) -> Result<(), Unreadable> {
        let text = self.text(name)?.ok_or(Unreadable::MissingFile(name))?;
        sheet::each(&text, name, columns, see)
    }
}
