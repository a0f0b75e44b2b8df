//! The write-ahead log of SQLite's, brought to the disk once for all who wait.
//!
//! What was acknowledged outlives a power cut. SQLite by itself would sync the log once a commit,
//! while its one writer waits; so commits do not sync, and whoever committed waits here instead: one
//! sync serves all that were committed before it began. Until then others may read what a power cut
//! would take back, but none of them is told that it is done.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::task::{self, JoinHandle};
use tokio::time::timeout;

use crate::fault::{Fault, of_file};

/// How long the disk may take: old ones, and cards, take seconds now and then.
const PATIENCE: Duration = Duration::from_secs(5);

/// How much room there must be for more: what a booking and its e-mails take, many times over.
const ROOM: usize = 256 * 1024;

/// The log of one database.
#[derive(Debug)]
pub(crate) struct Log {
    file: PathBuf,
    /// How many commits have asked to reach the disk.
    asked: AtomicU64,
    /// Whoever holds it syncs, or waits for who began to.
    disk: Mutex<Disk>,
    /// One at a time here too.
    trying_room: Mutex<Option<JoinHandle<io::Result<()>>>>,
}

/// How far the log has come.
#[derive(Debug, Default)]
struct Disk {
    /// How many of those who asked are on the disk.
    reached: u64,
    /// A sync on its way, and how many had asked when it began. One at a time: of a disk that hangs
    /// nobody asks twice.
    syncing: Option<(u64, JoinHandle<io::Result<()>>)>,
}

impl Log {
    /// The log that SQLite keeps beside that database.
    pub(crate) fn of_database(file: &Path) -> Self {
        let mut log = OsString::from(file);
        log.push("-wal");
        Self {
            file: log.into(),
            asked: AtomicU64::new(0),
            disk: Mutex::new(Disk::default()),
            trying_room: Mutex::new(None),
        }
    }

    /// Waits until everything committed before this call is on the disk.
    pub(crate) async fn reaches_disk(&self) -> Result<(), Fault> {
        let own = self.asked.fetch_add(1, Ordering::SeqCst) + 1;
        match timeout(PATIENCE, self.reach(own)).await {
            Ok(reached) => reached.map_err(|error| Fault::File {
                path: self.file.clone(),
                reason: of_file(&error),
            }),
            Err(_elapsed) => Err(Fault::File {
                path: self.file.clone(),
                reason: "the disk does not answer".to_owned(),
            }),
        }
    }

    /// Whether there is room on the disk beside the log for some more of it.
    pub(crate) async fn check_room(&self) -> Result<(), Fault> {
        let mut file = self.file.clone();
        file.set_extension("room");
        let reason = match timeout(PATIENCE, self.try_room(&file)).await {
            Ok(Ok(())) => return Ok(()),
            Ok(Err(error)) => of_file(&error),
            Err(_elapsed) => "the disk does not answer".to_owned(),
        };
        Err(Fault::File { path: file, reason })
    }

    async fn try_room(&self, file: &Path) -> io::Result<()> {
        let mut trying = self.trying_room.lock().await;
        let tried = trying.get_or_insert_with(|| {
            let file = file.to_owned();
            task::spawn_blocking(move || {
                let room = fs::write(&file, [0; ROOM]);
                let removed = fs::remove_file(&file);
                room.and(removed)
            })
        });
        let tried = tried.await;
        *trying = None;
        drop(trying);
        tried?
    }

    async fn reach(&self, own: u64) -> io::Result<()> {
        let mut disk = self.disk.lock().await;
        while disk.reached < own {
            let (all, syncing) = disk.syncing.get_or_insert_with(|| {
                let file = self.file.clone();
                let all = self.asked.load(Ordering::SeqCst);
                let syncing = task::spawn_blocking(move || File::open(file)?.sync_data());
                (all, syncing)
            });
            let all = *all;
            // Cut off here, it is the next one's to wait for.
            let synced = syncing.await;
            disk.syncing = None;
            match synced? {
                Ok(()) => {}
                // The last connection has closed, and taken the log into the database.
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
            disk.reached = all;
        }
        drop(disk);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tokio::task::JoinSet;

    use super::*;

    #[tokio::test]
    async fn all_who_wait_are_served_and_a_missing_disk_is_told()
    -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let log = Arc::new(Log::of_database(&folder.path().join("a")));
        fs::write(folder.path().join("a-wal"), "x")?;
        let mut waiting = JoinSet::new();
        for _ in 0..50 {
            let log = Arc::clone(&log);
            waiting.spawn(async move { log.reaches_disk().await });
        }
        while let Some(done) = waiting.join_next().await {
            done??;
        }
        assert_eq!(log.disk.lock().await.reached, 50);
        let nowhere = Log::of_database(&folder.path().join("a-wal/b"));
        assert!(nowhere.reaches_disk().await.is_err());
        Ok(())
    }
}
