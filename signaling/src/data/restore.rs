//! Puts a backup, which `homeroom backup` wrote, in the place of the records.
//!
//! Whatever stops it half way, the records are those of before or those of the backup, whole: the
//! backup is checked, and made ready, in a file of its own, which takes the place of the other by one
//! rename. What was there stays, set aside.

use std::ffi::OsString;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use store::{BrokenAudit, CarriedOver, Fault, Keys, LastStanding, Place, Store};

use super::{DATABASE, DataError, RESTORING, keys, lock, make_folder, place, with_keys};
use crate::plain_file;
use crate::settings::Settings;

/// What SQLite keeps beside a database.
const BESIDE: [&str; 3] = ["-wal", "-shm", "-journal"];

/// What of that holds changes that the database itself may lack.
const CHANGES: [&str; 2] = ["-wal", "-journal"];

/// Why a backup is not put back. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// The data folder cannot be used.
    #[error(transparent)]
    Data(#[from] DataError),
    /// The backup is no file, or the file in use.
    #[error("{} is no backup to put back: {reason}", file.display())]
    NoBackup {
        /// Which.
        file: PathBuf,
        /// What it is.
        reason: String,
    },
    /// Something on the disk failed.
    #[error("cannot restore, and nothing was changed: {what} {}: {source}", path.display())]
    Disk {
        /// What was tried.
        what: &'static str,
        /// With which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The records are elsewhere.
    #[error(
        "the records are in PostgreSQL: put the dump into a new database with pg_restore, name that \
         in database.url, and run `homeroom restore --before URL` with the URL of the old one"
    )]
    Postgres,
    /// `--before` is for PostgreSQL.
    #[error(
        "the records are in a file: name the backup, as in `homeroom restore FILE`; --before is for PostgreSQL"
    )]
    NoPostgres,
    /// The restored records cannot be changed.
    #[error("cannot restore, and nothing was changed: {0}")]
    Records(#[from] store::Error),
}

/// What became of it.
#[derive(Debug)]
pub struct Restored {
    /// What was carried over from the records that were there.
    pub carried: Carried,
    /// Where those are now.
    pub aside: Option<PathBuf>,
    /// What is wrong with the keys.
    pub keys: Option<String>,
    /// What is wrong with the audit log of the backup.
    pub log: Option<BrokenAudit>,
}

/// What was carried over.
#[derive(Debug)]
pub enum Carried {
    /// There were no records.
    NothingThere,
    /// They could not be read, for this reason.
    Unreadable(String),
    /// This.
    Over(CarriedOver),
}

/// Puts the backup in `file` in the place of the records, while no server runs.
///
/// # Errors
///
/// [`RestoreError`] says why it was not done.
pub async fn restore(
    settings: &Settings,
    file: &Path,
    now: Timestamp,
) -> Result<Restored, RestoreError> {
    if settings.database.url.is_some() {
        return Err(RestoreError::Postgres);
    }
    let folder = make_folder(settings)?;
    let _lock = lock(&folder)?;
    let present = folder.join(DATABASE);
    let ready = folder.join(format!("{DATABASE}.{RESTORING}"));
    clear(&ready)?;
    let done = put_back(&folder, (file, &ready, &present), settings, now).await;
    if done.is_err() {
        // What is left of it is in nobody's way, and is cleared the next time, or by the next start.
        drop(clear(&ready));
    }
    done
}

async fn put_back(
    folder: &Path,
    (file, ready, present): (&Path, &Path, &Path),
    settings: &Settings,
    now: Timestamp,
) -> Result<Restored, RestoreError> {
    check_is_other(file, present)?;
    copy(file, ready)?;
    let is_ours = store::holds_records(ready).await;
    if !is_ours.map_err(|fault| no_backup(file, &fault))? {
        return Err(RestoreError::NoBackup {
            file: file.to_owned(),
            reason: "it holds no records of Homeroom".to_owned(),
        });
    }
    let backup = open(ready, settings)
        .await
        .map_err(|fault| no_backup(file, &fault))?;
    let backup = sealing(backup, folder).await;
    backup
        .check_integrity()
        .await
        .map_err(|fault| no_backup(file, &fault))?;
    backup.check_can_seal().await?;
    let log = backup.check_audit_log(None).await?.err();
    let carried = if present.exists() {
        match read_present(present, settings).await {
            Ok(last) => Carried::Over(backup.carry_over(&last, now).await?),
            Err(error) => {
                backup.begin_anew(now).await?;
                Carried::Unreadable(error.to_string())
            }
        }
    } else {
        backup.begin_anew(now).await?;
        Carried::NothingThere
    };
    let keys = check_keys(&backup, folder).await;
    backup.close().await;
    store::into_one_file(ready)
        .await
        .map_err(store::Error::Fault)?;
    let aside = set_aside(folder, present, now)?;
    for end in BESIDE {
        remove(&beside(present, end))?;
    }
    let swap = |source| disk("cannot put the backup in the place of", present, source);
    fs::rename(ready, present).map_err(swap)?;
    sync(folder)?;
    Ok(Restored {
        carried,
        aside,
        keys,
        log,
    })
}

/// Ends in the records of the settings, into which a dump was just put, what had ended in the
/// database of before.
///
/// # Errors
///
/// [`RestoreError`] says why it was not done.
pub async fn carry_over(
    settings: &Settings,
    before: &str,
    now: Timestamp,
) -> Result<CarriedOver, RestoreError> {
    let Place::Postgres(_) = place(settings) else {
        return Err(RestoreError::NoPostgres);
    };
    let restored = super::records(settings).await?;
    let restored = sealing(restored, &settings.data.folder).await;
    let _alone = super::alone(&restored).await?;
    restored.check_can_seal().await?;
    let before = open_place(&Place::Postgres(before.to_owned()), settings)
        .await
        .map_err(DataError::Store)?;
    let last = before.last_standing().await?;
    before.close().await;
    let carried = restored.carry_over(&last, now).await?;
    restored.close().await;
    Ok(carried)
}

async fn read_present(present: &Path, settings: &Settings) -> Result<LastStanding, store::Error> {
    let records = open(present, settings).await?;
    let last = records.last_standing().await;
    records.close().await;
    let last = last?;
    // What is set aside is whole by itself, if the disk lets it.
    if let Err(error) = store::into_one_file(present).await {
        tracing::debug!(%error, "what is set aside stays in several files");
    }
    Ok(last)
}

/// The backup, of which the folder's keys seal what is written from here on. Those that it was used with may have been
/// replaced since: what had ended with them is yet to end in it.
async fn sealing(backup: Store, folder: &Path) -> Store {
    let keys = newer_keys(&backup, folder).await;
    with_keys(backup, &keys)
}

async fn newer_keys(backup: &Store, folder: &Path) -> store::Result<Keys> {
    let keys = keys(folder)?;
    backup.follow_keys(&keys).await?;
    Ok(keys)
}

async fn check_keys(backup: &Store, folder: &Path) -> Option<String> {
    let keys = match Keys::read(folder) {
        Ok(keys) => keys,
        Err(fault) => return Some(fault.to_string()),
    };
    let known = backup.know_keys(keys.as_ref(), folder).await;
    known.err().map(|error| error.to_string())
}

async fn open(file: &Path, settings: &Settings) -> Result<Store, Fault> {
    open_place(&Place::Sqlite(file.to_owned()), settings).await
}

async fn open_place(place: &Place, settings: &Settings) -> Result<Store, Fault> {
    Store::open(place, super::without_links(settings)).await
}

fn no_backup(file: &Path, fault: &Fault) -> RestoreError {
    RestoreError::NoBackup {
        file: file.to_owned(),
        reason: fault.to_string(),
    }
}

fn check_is_other(file: &Path, present: &Path) -> Result<(), RestoreError> {
    let refused = |reason: &str| RestoreError::NoBackup {
        file: file.to_owned(),
        reason: reason.to_owned(),
    };
    let about = fs::metadata(file).map_err(|error| refused(&error.to_string()))?;
    if !about.is_file() {
        return Err(refused("it is no file"));
    }
    let is_same = fs::canonicalize(file)
        .and_then(|file| Ok(file == fs::canonicalize(present)?))
        .unwrap_or(false);
    if is_same {
        return Err(refused("it is the file in use"));
    }
    Ok(())
}

/// Copies the backup, and what a bare copy of a database may have beside it.
fn copy(file: &Path, ready: &Path) -> Result<(), RestoreError> {
    copy_one(file, ready)?;
    for end in CHANGES {
        let changes = beside(file, end);
        if changes.exists() {
            copy_one(&changes, &beside(ready, end))?;
        }
    }
    Ok(())
}

fn copy_one(from: &Path, to: &Path) -> Result<(), RestoreError> {
    let copied = plain_file::open(from).and_then(|mut from| {
        let mut to = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(to)?;
        io::copy(&mut from, &mut to)?;
        to.sync_all()
    });
    copied.map_err(|source| disk("cannot copy", from, source))
}

/// The records that are there get another name too, in a folder of their own; nothing is removed.
fn set_aside(
    folder: &Path,
    present: &Path,
    now: Timestamp,
) -> Result<Option<PathBuf>, RestoreError> {
    let ends = || [""].into_iter().chain(BESIDE);
    if !ends().any(|end| beside(present, end).exists()) {
        return Ok(None);
    }
    let aside = make_aside(folder, now)?;
    for end in ends() {
        let from = beside(present, end);
        match fs::hard_link(&from, beside(&aside.join(DATABASE), end)) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(source) => return Err(disk("cannot set aside", &from, source)),
        }
    }
    sync(&aside)?;
    Ok(Some(aside))
}

fn make_aside(folder: &Path, now: Timestamp) -> Result<PathBuf, RestoreError> {
    let name = format!("before-restore-{}", now.strftime("%Y%m%dT%H%M%SZ"));
    let mut aside = folder.join(&name);
    for again in 2.. {
        match DirBuilder::new().mode(0o700).create(&aside) {
            Ok(()) => break,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                aside = folder.join(format!("{name}-{again}"));
            }
            Err(source) => return Err(disk("cannot make", &aside, source)),
        }
    }
    Ok(aside)
}

fn clear(ready: &Path) -> Result<(), RestoreError> {
    for end in [""].into_iter().chain(BESIDE) {
        remove(&beside(ready, end))?;
    }
    Ok(())
}

fn remove(file: &Path) -> Result<(), RestoreError> {
    match fs::remove_file(file) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(disk("cannot remove", file, error))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

fn sync(folder: &Path) -> Result<(), RestoreError> {
    File::open(folder)
        .and_then(|it| it.sync_all())
        .map_err(|source| disk("cannot write down", folder, source))
}

fn beside(file: &Path, end: &str) -> PathBuf {
    let mut path = OsString::from(file);
    path.push(end);
    path.into()
}

fn disk(what: &'static str, path: &Path, source: io::Error) -> RestoreError {
    RestoreError::Disk {
        what,
        path: path.to_owned(),
        source,
    }
}
