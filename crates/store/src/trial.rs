//! Whether records can be brought to this program's version, tried without changing them.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::time::Duration;

use tokio::time::Instant;

use crate::database::Database;
use crate::fault::Fault;
use crate::migrations;
use crate::store::{Options, Place, Store};

/// What SQLite keeps beside a database.
const BESIDE: [&str; 4] = ["", "-wal", "-shm", "-journal"];

/// What came of it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Trial {
    /// The version that the records have.
    pub found: i64,
    /// The version that this program brings them to.
    pub known: i64,
    /// How long that took with a copy of them, which was whole afterwards; none where they are in
    /// PostgreSQL and no copy is made.
    pub took: Option<Duration>,
}

impl Store {
    /// What the copy of a trial is called, and how all begins that lies beside it.
    pub const TRIAL: &str = "homeroom.sqlite.trial";

    /// Copies the records into `folder`, brings the copy to this program's version, looks whether it is
    /// whole, and removes it. A server may run meanwhile, of whatever version.
    ///
    /// # Errors
    ///
    /// [`Fault::Newer`] where a newer program has used the records; [`Fault::File`] where there is no
    /// room for the copy; whatever the steps fail with.
    pub async fn try_steps(place: &Place, options: Options, folder: &Path) -> Result<Trial, Fault> {
        let (known, name) = (migrations::known(), "in PostgreSQL".to_owned());
        let (database, name) = match place {
            Place::Sqlite(file) => (
                Database::open_sqlite(file).await?,
                file.display().to_string(),
            ),
            Place::Postgres(url) => (Database::open_postgres(url).await?, name),
        };
        let found = migrations::found(&database).await?;
        if found > known {
            return Err(Fault::Newer {
                place: name,
                found,
                known,
            });
        }
        let took = match place {
            Place::Postgres(_) => None,
            Place::Sqlite(_) => {
                let copy = folder.join(Self::TRIAL);
                clear(&copy)?;
                let tried = on_copy(&database, &copy, options).await;
                clear(&copy)?;
                Some(tried?)
            }
        };
        database.close().await;
        Ok(Trial { found, known, took })
    }
}

async fn on_copy(database: &Database, copy: &Path, options: Options) -> Result<Duration, Fault> {
    database.backup(copy).await?;
    let began = Instant::now();
    let store = Store::open(&Place::Sqlite(copy.to_owned()), options).await?;
    let took = began.elapsed();
    let whole = store.check_integrity().await;
    store.close().await;
    whole.map(|()| took)
}

/// Removes what a trial leaves, and what one that was cut off has left.
fn clear(copy: &Path) -> Result<(), Fault> {
    for end in BESIDE {
        let mut name = copy.as_os_str().to_owned();
        name.push(end);
        match fs::remove_file(&name) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(Fault::File {
                    path: name.into(),
                    reason: error.to_string(),
                });
            }
            Ok(()) | Err(_) => {}
        }
    }
    Ok(())
}
