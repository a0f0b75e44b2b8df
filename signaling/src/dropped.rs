//! What another system leaves in the folder of the settings: lists (CSV), or a `OneRoster` export.
//!
//! Of each kind the newest file counts; of exports of changes all that have come since the last was taken,
//! in their order. A file that was changed a moment ago may be half written, and
//! nothing is taken before it lies still; names that begin with a dot, and other endings than `.csv` and
//! `.zip`, are files that somebody still writes.

use std::ffi::OsStr;
use std::fs::{self, Metadata, OpenOptions};
use std::io::{self, Read as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use rustix::fs::OFlags;
use school::import::{self, Incoming, LARGEST_FILE, List, Opened, Unreadable};
use sha2::{Digest as _, Sha256};
use sources::oneroster;
use store::SystemResult;
use tokio::task::spawn_blocking;

use crate::house::House;
use crate::{plain_file, settings};

/// How long nobody must have written a file.
const STILL: SignedDuration = SignedDuration::from_mins(1);

/// The most files that may lie there.
const MOST_FILES: usize = 100;

/// By what it is known how files were read: with each version, and each change of what is read, they are
/// read once more.
const READING: &str = concat!(env!("CARGO_PKG_VERSION"), " with years and notes");

/// What it came to where nothing was taken.
const NOTHING: &str = "nothing";
const UNFINISHED: &str = "unfinished";
const UNREADABLE: &str = "unreadable";
const FOLDER: &str = "folder";

/// A folder of the settings.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    folder: PathBuf,
    is_whole: bool,
}

/// All that lies there, and by what it is known again.
pub(crate) struct Dropped {
    /// What is to be taken, in this order.
    pub(crate) parts: Vec<Part>,
    /// When the newest export was written that was taken before.
    pub(crate) before: Option<i64>,
    pub(crate) digest: String,
}

/// What is taken at once.
pub(crate) struct Part {
    pub(crate) incoming: Incoming,
    /// When it was written, in milliseconds, where it is an export: none of before is taken after it.
    pub(crate) written: Option<i64>,
}

/// What the records keep of what was taken last: its digest, and when the newest export in it was written.
pub(crate) fn kept(digest: &str, written: Option<i64>) -> String {
    match written {
        Some(written) => format!("{digest} {written}"),
        None => digest.to_owned(),
    }
}

/// The same, read.
pub(crate) fn read_kept(taken: &str) -> (&str, Option<i64>) {
    match taken.split_once(' ') {
        Some((digest, written)) => (digest, written.parse().ok()),
        None => (taken, None),
    }
}

/// A file there.
struct File {
    path: PathBuf,
    name: String,
    metadata: Metadata,
}

impl Place {
    pub(crate) fn new(settings: &settings::Import) -> Option<Self> {
        Some(Self {
            folder: settings.folder.clone()?,
            is_whole: settings.folder_is_whole,
        })
    }

    /// Everybody who is named there.
    pub(crate) async fn read(&self, house: &House) -> Result<Dropped, SystemResult> {
        let folder = self.folder.clone();
        let files = aside(move || files(&folder)).await?;
        let before = house
            .store
            .import_folder()
            .await
            .map_err(|_fault| records())?;
        let mut taken = Taken {
            before: read_kept(&before.taken).1,
            ..Taken::default()
        };
        for file in files {
            let (name, file_metadata) = (file.name.clone(), file.metadata.clone());
            let bytes = aside(move || bytes(&file)).await?;
            if oneroster::is_zip(&bytes) {
                let zone = house.zone().await.map_err(|_fault| records())?;
                let today = ambient::now().to_zoned(zone).date();
                taken
                    .export(&name, (bytes, written(&file_metadata)), today)
                    .await?;
            } else {
                self.list(house, &mut taken, &name, bytes).await?;
            }
        }
        taken.finish(self.is_whole, READING)
    }

    /// Takes in a list, unless a newer one of its kind is there. Its columns mean what the office has chosen
    /// for such a list.
    async fn list(
        &self,
        house: &House,
        taken: &mut Taken,
        name: &str,
        bytes: Vec<u8>,
    ) -> Result<(), SystemResult> {
        let digest = Sha256::digest(&bytes);
        if self.is_whole && !ends_a_line(&bytes) {
            let why = "it ends in the middle of a line, as what broke off does. Have its last line end, or \
                       set import.folder_is_whole to false";
            return Err(unreadable(name, &why));
        }
        let opened = aside(move || import::open(&bytes).map(Opened::unseen)).await;
        let opened = opened.map_err(|why| unreadable_list(name, &why))?;
        let chosen = house.store.chosen_columns(&opened).await;
        let chosen = chosen.map_err(|_fault| records())?;
        let table = aside(move || opened.table(chosen.as_ref())).await;
        let table = table.map_err(|why| unreadable_list(name, &why))?;
        let place = match table.list {
            List::Teachers => &mut taken.teachers,
            List::Classes => &mut taken.classes,
            List::Students => &mut taken.students,
        };
        if place.is_none() {
            taken.digest.update(digest);
            *place = Some(table.incoming(self.is_whole));
        }
        Ok(())
    }
}

/// What was taken so far.
#[derive(Default)]
struct Taken {
    /// Exports, the newest first.
    exports: Vec<Part>,
    /// Whether those that lie there too are older than what counts.
    has_all_exports: bool,
    /// When the newest export was written that was taken before.
    before: Option<i64>,
    teachers: Option<Incoming>,
    classes: Option<Incoming>,
    students: Option<Incoming>,
    digest: Sha256,
}

impl Taken {
    /// Takes in an export, unless a newer one is there that is whole, or it was taken before: the newest is
    /// always read once more.
    async fn export(
        &mut self,
        name: &str,
        (bytes, written): (Vec<u8>, Option<i64>),
        today: Date,
    ) -> Result<(), SystemResult> {
        if !self.wants_export(written) {
            return Ok(());
        }
        self.digest.update(Sha256::digest(&bytes));
        // On another day another part of it holds.
        self.digest.update(today.to_string());
        let read = aside(move || oneroster::read(&bytes, today)).await;
        self.keep_export(read.map_err(|why| unreadable(name, &why))?, written);
        Ok(())
    }

    /// Whether the next export, which is older than those before it, counts.
    fn wants_export(&mut self, written: Option<i64>) -> bool {
        let is_old = self.before.is_none_or(|before| written <= Some(before));
        self.has_all_exports |= is_old && !self.exports.is_empty();
        !self.has_all_exports
    }

    fn keep_export(&mut self, incoming: Incoming, written: Option<i64>) {
        let all = incoming.names_all;
        self.has_all_exports = all.students || all.teachers || all.classes;
        self.exports.push(Part { incoming, written });
    }

    /// All of it at once.
    fn finish(self, is_whole: bool, reading: &str) -> Result<Dropped, SystemResult> {
        let lists = [self.teachers, self.classes, self.students];
        let mut digest = self.digest;
        digest.update([u8::from(is_whole)]);
        digest.update(reading);
        let digest = hex(&digest.finalize());
        let has_lists = lists.iter().any(Option::is_some);
        let parts = match (self.exports.is_empty(), has_lists) {
            (false, true) => {
                let detail = "a OneRoster export and lists lie there together: remove one of them";
                return Err(broken(UNREADABLE, detail.to_owned()));
            }
            (false, false) => self.exports.into_iter().rev().collect(),
            (true, false) => return Err(broken(NOTHING, String::new())),
            (true, true) => {
                let mut incoming = Incoming::default();
                lists.into_iter().flatten().for_each(|it| incoming.join(it));
                // Nobody looks at a preview here: an order in a row that is refused waits under Approvals.
                incoming.orders.get_or_insert_default();
                let written = None;
                vec![Part { incoming, written }]
            }
        };
        let before = self.before;
        Ok(Dropped {
            parts,
            before,
            digest,
        })
    }
}

/// The names of the files there that would be taken, the newest first; otherwise why it cannot be looked
/// into.
pub(crate) fn names(folder: &Path) -> Result<Vec<String>, String> {
    let files = files(folder).map_err(|why| why.detail)?;
    for file in &files {
        let opened = plain_file::open(&file.path);
        opened.map_err(|error| format!("{}: {error}", file.name))?;
    }
    Ok(files.into_iter().map(|it| it.name).collect())
}

/// Bytes in letters and digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The files there, the newest first.
fn files(folder: &Path) -> Result<Vec<File>, SystemResult> {
    let unreached = |error: io::Error| broken(FOLDER, error.to_string());
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreached)? {
        let entry = entry.map_err(unreached)?;
        let path = entry.path();
        let name = entry.file_name().to_string_lossy().into_owned();
        // What a link leads to is not what somebody has left here.
        let metadata = entry.metadata().map_err(unreached)?;
        if name.starts_with('.') || !metadata.is_file() || !is_ours(path.extension()) {
            continue;
        }
        if files.len() == MOST_FILES {
            let detail = format!("more than {MOST_FILES} files lie there: remove the older ones");
            return Err(broken(UNREADABLE, detail));
        }
        files.push(File {
            path,
            name,
            metadata,
        });
    }
    files.sort_by_key(|it| std::cmp::Reverse(it.metadata.modified().ok()));
    Ok(files)
}

fn is_ours(extension: Option<&OsStr>) -> bool {
    extension.is_some_and(|it| it.eq_ignore_ascii_case("csv") || it.eq_ignore_ascii_case("zip"))
}

/// A file's bytes, where it lies still.
fn bytes(file: &File) -> Result<Vec<u8>, SystemResult> {
    let before = state(&file.metadata);
    let written = before.0.and_then(|it| Timestamp::try_from(it).ok());
    // By a clock that runs ahead it is later.
    let is_still = written.is_some_and(|it| ambient::now().duration_since(it) >= STILL);
    let unfinished = || broken(UNFINISHED, file.name.clone());
    if !is_still {
        return Err(unfinished());
    }
    if before.1 > u64::try_from(LARGEST_FILE).unwrap_or(u64::MAX) {
        return Err(unreadable(&file.name, &Unreadable::TooLarge));
    }
    let unreached = |error: io::Error| broken(FOLDER, format!("{}: {error}", file.name));
    // Another that stands in its place by now is not followed, and not waited for.
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let opened = OpenOptions::new()
        .read(true)
        .custom_flags(i32::try_from(flags.bits()).unwrap_or_default())
        .open(&file.path)
        .map_err(unreached)?;
    let about = opened.metadata().map_err(unreached)?;
    let mut bytes = Vec::new();
    if about.is_file() {
        let most = opened.take(before.1 + 1).read_to_end(&mut bytes);
        let _length = most.map_err(unreached)?;
    }
    let after = fs::symlink_metadata(&file.path).map_err(unreached)?;
    let is_same = after.is_file() && state(&after) == before && state(&about) == before;
    if is_same && u64::try_from(bytes.len()) == Ok(before.1) {
        Ok(bytes)
    } else {
        Err(unfinished())
    }
}

/// When a file was written, in milliseconds.
fn written(metadata: &Metadata) -> Option<i64> {
    let modified = metadata.modified().ok()?;
    Some(Timestamp::try_from(modified).ok()?.as_millisecond())
}

fn state(metadata: &Metadata) -> (Option<SystemTime>, u64) {
    (metadata.modified().ok(), metadata.len())
}

fn broken(outcome: &str, detail: String) -> SystemResult {
    SystemResult {
        outcome: outcome.to_owned(),
        detail,
        ..SystemResult::default()
    }
}

/// Whether a list ends with the end of a line, in UTF-16 too; an empty one is said so elsewhere.
fn ends_a_line(bytes: &[u8]) -> bool {
    let end = bytes.iter().rev().find(|it| **it != 0);
    end.is_none_or(|it| matches!(it, b'\n' | b'\r'))
}

/// Why a file cannot be taken. What stands in it is not told: where its first row names no columns, that
/// is people.
fn unreadable(name: &str, why: &impl std::fmt::Display) -> SystemResult {
    broken(UNREADABLE, format!("{name}: {why}"))
}

/// The same of a list.
fn unreadable_list(name: &str, why: &Unreadable) -> SystemResult {
    if why.is_about_columns() {
        let says = "its columns are not those of a list. Import it by hand once, and say there what each \
                    column means";
        unreadable(name, &says)
    } else {
        unreadable(name, why)
    }
}

fn records() -> SystemResult {
    broken("records", String::new())
}

/// On a thread of its own: whoever talks does not wait for a large file.
async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let working = spawn_blocking(work).await;
    working.unwrap_or_else(|failed| std::panic::resume_unwind(failed.into_panic()))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_list_ends_with_the_end_of_a_line() {
        for (text, ends) in [
            ("a,b\n1,2\n", true),
            ("a,b\r\n1,2\r\n", true),
            ("", true),
            ("a,b\n1", false),
        ] {
            assert_eq!(ends_a_line(text.as_bytes()), ends, "{text:?}");
            let utf_16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
            assert_eq!(ends_a_line(&utf_16), ends, "{text:?}");
        }
    }

    #[test]
    fn what_is_read_otherwise_is_read_again() {
        let digest = |reading| {
            let taken = Taken {
                students: Some(Incoming::default()),
                ..Taken::default()
            };
            taken.finish(true, reading).map(|it| it.digest)
        };
        assert_eq!(digest("1"), digest("1"));
        assert_ne!(digest("1"), digest("2"));
    }

    #[test]
    fn exports_of_changes_are_all_taken_in_their_order() {
        let taken = |before, exports: &[(bool, i64)]| {
            let mut taken = Taken {
                before,
                ..Taken::default()
            };
            // The newest first, as the folder gives them.
            for (is_whole, written) in exports.iter().rev() {
                if taken.wants_export(Some(*written)) {
                    let mut incoming = Incoming::default();
                    incoming.names_all.students = *is_whole;
                    taken.keep_export(incoming, Some(*written));
                }
            }
            let dropped = taken.finish(false, READING).expect("an export");
            let parts = dropped.parts.iter();
            parts
                .map(|it| it.written.expect("an export"))
                .collect::<Vec<_>>()
        };
        let (bulk, delta) = (true, false);
        for (before, exports, expected) in [
            // Two came before one night.
            (
                Some(1),
                vec![(delta, 1), (delta, 2), (delta, 3)],
                vec![2, 3],
            ),
            // A whole one says all that was before it.
            (Some(1), vec![(delta, 2), (bulk, 3), (delta, 4)], vec![3, 4]),
            (Some(1), vec![(delta, 2), (bulk, 3)], vec![3]),
            // What was taken is read once more alone.
            (Some(3), vec![(delta, 2), (delta, 3)], vec![3]),
            // Nobody knows what was taken before.
            (None, vec![(delta, 2), (delta, 3)], vec![3]),
        ] {
            assert_eq!(taken(before, &exports), expected, "{exports:?}");
        }
        assert_eq!(read_kept(&kept("ab", Some(7))), ("ab", Some(7)));
        assert_eq!(read_kept(&kept("ab", None)), ("ab", None));
    }

    #[test]
    fn what_lies_there_is_bounded_and_ours() {
        let place = tempfile::tempdir().expect("a folder");
        let folder = place.path().to_owned();
        fs::create_dir(folder.join("folder.csv")).expect("made");
        let write = |name: &str| fs::write(folder.join(name), "x").expect("written");
        for name in ["a.csv", "B.ZIP", ".c.csv", "d.csv.part", "e.txt"] {
            write(name);
        }
        let link = folder.join("link.csv");
        std::os::unix::fs::symlink("/etc/hostname", &link).expect("made");
        let names = || {
            files(&folder).map(|it| {
                let mut names: Vec<_> = it.into_iter().map(|it| it.name).collect();
                names.sort();
                names
            })
        };
        assert_eq!(names(), Ok(vec!["B.ZIP".to_owned(), "a.csv".to_owned()]));
        // What was written this moment may be half there.
        let one = files(&folder).expect("there").remove(0);
        assert_eq!(bytes(&one).expect_err("just written").outcome, UNFINISHED);
        let write_at = |time: SystemTime| {
            let file = OpenOptions::new().write(true).open(folder.join("a.csv"));
            let set = file.and_then(|it| it.set_modified(time));
            set.expect("it is ours");
            let all = files(&folder).expect("there").into_iter();
            all.filter(|it| it.name == "a.csv")
                .collect::<Vec<_>>()
                .remove(0)
        };
        let (now, hour) = (SystemTime::from(ambient::now()), Duration::from_secs(3_600));
        let ahead = bytes(&write_at(now + hour));
        assert_eq!(ahead.expect_err("by another clock").outcome, UNFINISHED);
        let old = write_at(now - hour);
        assert_eq!(bytes(&old), Ok(b"x".to_vec()));
        // Another that has taken its place is neither followed nor waited for.
        fs::remove_file(&old.path).expect("it is ours");
        std::os::unix::fs::symlink("/etc/hostname", &old.path).expect("made");
        assert!(bytes(&old).is_err());
        fs::remove_file(&old.path).expect("it is ours");
        let pipe = std::process::Command::new("mkfifo").arg(&old.path).status();
        assert!(pipe.expect("mkfifo is there").success());
        assert!(bytes(&old).is_err());
        fs::remove_file(&old.path).expect("it is ours");
        write("a.csv");
        (0..MOST_FILES).for_each(|nth| write(&format!("{nth}.csv")));
        assert_eq!(names().expect_err("too many").outcome, UNREADABLE);
        fs::remove_dir_all(&folder).expect("it is ours");
        assert_eq!(names().expect_err("it is gone").outcome, FOLDER);
    }
}
