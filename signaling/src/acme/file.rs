//! The file of the certificate and its key: whole at every moment, for this program alone.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use tokio::task::spawn_blocking;

use super::{Acme, Trouble};
use crate::tls::Tls;
use crate::{plain_file, settings};

/// What stands before the directory of whoever issued it, in the first line of the file.
const ISSUED_BY: &str = "Issued by ";

/// The largest file that is read, bytes.
const LARGEST: u64 = 1 << 20;

/// Where a file is written before it takes the other's place.
fn unfinished(path: &Path) -> PathBuf {
    path.with_extension("new")
}

/// Whether the file holds what the server of the settings issued, not one that was asked before.
pub(super) async fn is_issued_by(acme: &Acme) -> bool {
    let path = acme.certificate.clone();
    let held = spawn_blocking(move || plain_file::read_text(&path, LARGEST)).await;
    let Ok(Ok(text)) = held else {
        return false;
    };
    let first = text
        .lines()
        .next()
        .and_then(|it| it.strip_prefix(ISSUED_BY));
    first == Some(acme.directory())
}

/// More than a certificate with its chain and key takes.
const ROOM: usize = 64 * 1024;

/// Makes sure that the file can be written, and that there is room for it: on a full disk an empty one can be made.
pub(super) async fn prepare(path: &Path) -> Result<(), Trouble> {
    aside(path, |path| {
        let mut file = create(&unfinished(path))?;
        file.write_all(&[b'\n'; ROOM])?;
        file.sync_all()
    })
    .await
}

/// Puts what was issued in the place of the file, and in use, unless it is worse than what is there.
pub(super) async fn put(acme: &Acme, tls: &Tls, issued: &str) -> Result<(), Trouble> {
    let spent = |trouble: Trouble| Trouble::Spent(trouble.to_string());
    let path = &acme.certificate;
    let text = format!("{ISSUED_BY}{}\n{issued}", acme.directory());
    aside(path, move |path| {
        let mut file = create(&unfinished(path))?;
        file.write_all(text.as_bytes())?;
        file.sync_all()
    })
    .await
    .map_err(spent)?;
    let new = unfinished(path);
    let files = settings::Tls {
        certificate: new.clone(),
        key: new,
    };
    let _is_another = tls
        .take_up(files, ambient::now())
        .await
        .map_err(Trouble::Spent)?;
    aside(path, replace).await.map_err(spent)
}

/// Writes another file, the whole of it or nothing.
pub(super) async fn write(path: &Path, text: String) -> Result<(), Trouble> {
    aside(path, move |path| {
        let mut file = create(&unfinished(path))?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        replace(path)
    })
    .await
}

/// What a file holds; nothing where there is none.
pub(super) async fn read(path: &Path) -> Result<Option<Vec<u8>>, Trouble> {
    aside(path, read_now).await
}

/// The same, on this thread.
pub(super) fn read_now(path: &Path) -> io::Result<Option<Vec<u8>>> {
    match plain_file::read(path, LARGEST) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Removes a file, if it is there.
pub(super) async fn remove(path: &Path) -> Result<(), Trouble> {
    aside(path, |path| match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    })
    .await
}

async fn aside<T: Send + 'static>(
    path: &Path,
    work: impl FnOnce(&Path) -> io::Result<T> + Send + 'static,
) -> Result<T, Trouble> {
    let its = path.to_owned();
    let done = spawn_blocking(move || work(&its)).await;
    done.unwrap_or_else(|broken| Err(io::Error::other(broken)))
        .map_err(|source| Trouble::File {
            path: path.to_owned(),
            source,
        })
}

fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    options.open(path)
}

fn replace(path: &Path) -> io::Result<()> {
    fs::rename(unfinished(path), path)?;
    match path.parent() {
        Some(folder) => File::open(folder)?.sync_all(),
        None => Ok(()),
    }
}
