//! The file `keys`: what the secrets of links are made with.
//!
//! A line is a number and 64 hexadecimal digits; the last line makes new links, those before open
//! theirs still. It is a file and no table, so that a dump of the database opens no link.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

use links::{Key, KeyId, Keyring};

use crate::fault::Fault;

/// Its name in the data folder.
const NAME: &str = "keys";

/// Reads the keys of that data folder, and makes the first where there is none. Gives the keyring
/// and the id of the key that makes new links.
///
/// # Errors
///
/// [`Fault::File`] where the file cannot be read, others may read it too, or it holds something
/// else.
pub fn open_keyring(folder: &Path) -> Result<(Keyring, KeyId), Fault> {
    let path = folder.join(NAME);
    let broken = |reason: &str| Fault::File {
        path: path.clone(),
        reason: reason.to_owned(),
    };
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            first(&path).map_err(|error| broken(&error.to_string()))?
        }
        Err(error) => return Err(broken(&error.to_string())),
    };
    let mode = fs::metadata(&path)
        .map_err(|error| broken(&error.to_string()))?
        .permissions()
        .mode();
    if mode & 0o077 != 0 {
        return Err(broken(
            "others may read it; every link could be opened with it: run chmod 600 on it",
        ));
    }
    let mut ring: Option<(Keyring, KeyId)> = None;
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let (id, key) = read(line).ok_or_else(|| broken("it holds a line that is no key"))?;
        match &mut ring {
            None => ring = Some((Keyring::new(id, key), id)),
            Some((ring, current)) => {
                ring.rotate(id, key);
                *current = id;
            }
        }
    }
    ring.ok_or_else(|| broken("it is empty: put it back from a backup; without it no link opens"))
}

/// Writes the first key, beside the file first, so that a crash leaves all of it or nothing.
fn first(path: &Path) -> std::io::Result<String> {
    let key = Key::random(&mut rand::rng());
    let digits: String = key
        .expose()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let text = format!("1 {digits}\n");
    let unfinished = path.with_extension("new");
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&unfinished)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    // Not by rename: of two programs that start at once, one makes the file.
    match fs::hard_link(&unfinished, path) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error),
        Ok(()) | Err(_) => {}
    }
    fs::remove_file(&unfinished)?;
    if let Some(folder) = path.parent() {
        fs::File::open(folder)?.sync_all()?;
    }
    fs::read_to_string(path)
}

fn read(line: &str) -> Option<(KeyId, Key)> {
    let (id, digits) = line.trim().split_once(' ')?;
    if digits.len() != 64 || !digits.bytes().all(|it| it.is_ascii_hexdigit()) {
        return None;
    }
    let mut key = [0; 32];
    for (n, byte) in key.iter_mut().enumerate() {
        *byte = u8::from_str_radix(digits.get(2 * n..2 * n + 2)?, 16).ok()?;
    }
    Some((KeyId(id.parse().ok()?), Key::from_bytes(key)))
}

#[cfg(test)]
mod tests {
    use links::LinkId;

    use super::*;

    #[test]
    fn links_open_after_a_restart_and_a_new_key() -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        let (ring, current) = open_keyring(folder.path())?;
        assert_eq!(current, KeyId(1));
        let record = ring.record(LinkId::random(&mut rand::rng()));
        let path = ring.path(&record);
        assert!(path.is_some());

        let file = folder.path().join(NAME);
        assert_eq!(fs::metadata(&file)?.permissions().mode() & 0o777, 0o600);
        let mut text = fs::read_to_string(&file)?;
        text.push_str(&format!("2 {}\n", "ab".repeat(32)));
        fs::write(&file, text)?;
        let (ring, current) = open_keyring(folder.path())?;
        assert_eq!(current, KeyId(2));
        assert_eq!(ring.path(&record), path);
        Ok(())
    }

    #[test]
    fn a_file_that_others_may_read_or_that_is_no_keys_is_refused()
    -> Result<(), Box<dyn std::error::Error>> {
        let folder = tempfile::tempdir()?;
        open_keyring(folder.path())?;
        let file = folder.path().join(NAME);
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640))?;
        assert!(open_keyring(folder.path()).is_err_and(|it| it.to_string().contains("chmod 600")));
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600))?;
        for bad in ["", "1 abc\n", "x\n", &format!("one {}\n", "ab".repeat(32))] {
            fs::write(&file, bad)?;
            assert!(open_keyring(folder.path()).is_err(), "{bad:?}");
        }
        Ok(())
    }
}
