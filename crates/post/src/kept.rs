//! E-mails and text messages kept as files, where there is no mail server or gateway: each for as long as the records know it,
//! which is the school's period at most, and until whoever it is about is erased (DIR-10).

use std::collections::HashSet;
use std::io::ErrorKind;
use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use store::Store;
use tokio::fs;

/// How the file of an e-mail ends.
const EMAIL: &str = ".eml";

/// How the file of a text message ends.
pub(crate) const TEXT: &str = ".txt";

/// How a file ends that is not whole yet: one so old is not going to be, and its words are as private.
const UNFINISHED: &str = ".new";
const OLD: SignedDuration = SignedDuration::from_hours(1);

/// Removes the files of e-mails that the records no longer know, and those that were broken off. Gives how many there
/// were.
///
/// # Errors
///
/// A fault of the database, or what the folder said.
pub async fn sweep(folder: &Path, store: &Store) -> Result<u64, SweepError> {
    let mut entries = match fs::read_dir(folder).await {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(0),
        Err(error) => return Err(error.into()),
    };
    let mut files = Vec::new();
    let mut removed = 0;
    while let Some(entry) = entries.next_entry().await? {
        let name = entry.file_name();
        let Some(name) = name.to_str() else { continue };
        if is_unfinished(name) {
            if is_old(&entry).await {
                fs::remove_file(entry.path()).await?;
                removed += 1;
            }
        } else if let Some(id) = message_id(name) {
            files.push((id, entry.path()));
        }
    }
    if files.is_empty() {
        return Ok(removed);
    }
    // Read after the folder: what is written meanwhile is known by then.
    let known: HashSet<String> = store.message_ids().await?.into_iter().collect();
    for (id, path) in files {
        if !known.contains(&id) {
            fs::remove_file(path).await?;
            removed += 1;
        }
    }
    Ok(removed)
}

/// Why files could not be removed.
#[derive(Debug, thiserror::Error)]
pub enum SweepError {
    /// The records.
    #[error(transparent)]
    Records(#[from] store::Error),
    /// The folder.
    #[error(transparent)]
    Folder(#[from] std::io::Error),
}

/// Whether it is one of ours that is not whole yet, as [`crate::send::write`] names them.
fn is_unfinished(file: &str) -> bool {
    let name = file.strip_prefix('.');
    let name = name.and_then(|it| it.strip_suffix(UNFINISHED));
    name.is_some_and(|it| message_id(it).is_some())
}

/// Whether nobody has written in it for so long. No, where it is whole by now.
async fn is_old(entry: &fs::DirEntry) -> bool {
    let Ok(about) = entry.metadata().await else {
        return false;
    };
    let written = about.modified().ok();
    let written = written.and_then(|it| Timestamp::try_from(it).ok());
    written.is_some_and(|it| ambient::now().duration_since(it) > OLD)
}

/// The part of a Message-ID that a file of ours is named by: two numbers in hex, with a dot between.
fn message_id(file: &str) -> Option<String> {
    let name = [EMAIL, TEXT].iter().find_map(|it| file.strip_suffix(it))?;
    let (one, two) = name.split_once('.')?;
    let is_hex = |it: &str| !it.is_empty() && it.bytes().all(|it| it.is_ascii_hexdigit());
    (is_hex(one) && is_hex(two)).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_files_of_ours_are_looked_at() {
        for ours in ["1a2b.3c4d.eml", "1a2b.3c4d.txt"] {
            assert_eq!(message_id(ours).as_deref(), Some("1a2b.3c4d"));
        }
        for other in [
            "notes.eml",
            "1a2b.eml",
            "1a2b.3c4d",
            ".1a2b.3c4d.new",
            "a.b.c.eml",
            ".eml",
            "1.x.eml",
        ] {
            assert_eq!(message_id(other), None, "{other}");
        }
    }
}
