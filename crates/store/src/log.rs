//! The write-ahead log of SQLite's, brought to the disk once for all who wait.
//!
//! What was acknowledged outlives a power cut. SQLite by itself would sync the log once a commit,
//! while its one writer waits; so commits do not sync, and whoever committed waits here instead: one
//! sync serves all that were committed before it began. Until then others may read what a power cut
//! would take back, but none of them is told that it is done.

use std::ffi::OsString;
use std::fs::File;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::Mutex;
use tokio::task;

use crate::fault::Fault;

/// The log of one database.
#[derive(Debug)]
pub(crate) struct Log {
    file: PathBuf,
    /// How many commits have asked to reach the disk.
    asked: AtomicU64,
    /// How many of those have; whoever holds it syncs.
    reached: Mutex<u64>,
}

impl Log {
    /// The log that SQLite keeps beside that database.
    pub(crate) fn of_database(file: &Path) -> Self {
        let mut log = OsString::from(file);
        log.push("-wal");
        Self {
            file: log.into(),
            asked: AtomicU64::new(0),
            reached: Mutex::new(0),
        }
    }

    /// Waits until everything committed before this call is on the disk.
    pub(crate) async fn reaches_disk(&self) -> Result<(), Fault> {
        let own = self.asked.fetch_add(1, Ordering::SeqCst) + 1;
        let mut reached = self.reached.lock().await;
        if *reached >= own {
            return Ok(());
        }
        let all = self.asked.load(Ordering::SeqCst);
        let file = self.file.clone();
        let synced = task::spawn_blocking(move || File::open(file)?.sync_data()).await;
        let broken = |reason: String| Fault::File {
            path: self.file.clone(),
            reason,
        };
        match synced {
            Ok(Ok(())) => {}
            // The last connection has closed, and taken the log into the database.
            Ok(Err(error)) if error.kind() == ErrorKind::NotFound => {}
            Ok(Err(error)) => return Err(broken(error.to_string())),
            Err(ended) => return Err(broken(ended.to_string())),
        }
        *reached = all;
        drop(reached);
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
        std::fs::write(folder.path().join("a-wal"), "x")?;
        let mut waiting = JoinSet::new();
        for _ in 0..50 {
            let log = Arc::clone(&log);
            waiting.spawn(async move { log.reaches_disk().await });
        }
        while let Some(done) = waiting.join_next().await {
            done??;
        }
        assert_eq!(*log.reached.lock().await, 50);
        let nowhere = Log::of_database(&folder.path().join("a-wal/b"));
        assert!(nowhere.reaches_disk().await.is_err());
        Ok(())
    }
}
