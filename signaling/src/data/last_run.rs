//! Which run served the records in PostgreSQL from this folder last: where the folder is free again that run has
//! certainly ended, and nobody waits for it.
//!
//! A copy of the folder says nothing of that: the run may go on where the folder was copied from. So what is written
//! down names the folder's lock too, and the run of the system in which that was held.

use std::fs::{self, File};
use std::io::Write as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use crate::plain_file;

/// The name of the file.
const FILE: &str = "last-run";

/// How much of it is read.
const MOST: u64 = 1024;

/// What the run of the system is called, which nobody else has.
const SYSTEM: &str = "/proc/sys/kernel/random/boot_id";

/// The run that served from here last, where the folder's lock is that of then; it is free, as the caller has seen.
pub(super) fn read(folder: &Path, lock: &File) -> Option<String> {
    let written = plain_file::read_text(&folder.join(FILE), MOST).ok()?;
    let (held, run) = written.trim_end().split_once('\n')?;
    (held == name(lock)?).then(|| run.to_owned())
}

/// Writes down that a run serves from here, which holds that lock. Where that cannot be, whoever comes next waits.
pub(super) fn write(folder: &Path, lock: &File, run: &str) {
    let Some(held) = name(lock) else {
        return;
    };
    let written = plain_file::create(&folder.join(FILE))
        .and_then(|mut file| file.write_all(format!("{held}\n{run}\n").as_bytes()));
    if let Err(error) = written {
        tracing::debug!(%error, "which run serves the records is not written down");
    }
}

/// What no other lock is called, while this system runs.
fn name(lock: &File) -> Option<String> {
    let system = fs::read_to_string(SYSTEM).ok()?;
    let about = lock.metadata().ok()?;
    Some(format!("{} {} {}", system.trim(), about.dev(), about.ino()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_says_nothing_of_the_run_that_it_was_copied_from() {
        let folders = [(); 2].map(|()| tempfile::tempdir().expect("a folder"));
        let [here, copy] = folders.each_ref().map(|it| it.path());
        let locks = [here, copy].map(|it| plain_file::create(&it.join("lock")).expect("a file"));
        let [lock, of_copy] = &locks;
        assert_eq!(read(here, lock), None);
        write(here, lock, "homeroom 1");
        assert_eq!(read(here, lock).as_deref(), Some("homeroom 1"));
        fs::copy(here.join(FILE), copy.join(FILE)).expect("copied");
        assert_eq!(read(copy, of_copy), None);
        // Another run of the system has other locks, whatever their numbers.
        let written = fs::read_to_string(here.join(FILE)).expect("a file");
        let (_, rest) = written.split_once(' ').expect("the system's");
        fs::write(here.join(FILE), format!("0-0-0-0 {rest}")).expect("room");
        assert_eq!(read(here, lock), None);
    }
}
