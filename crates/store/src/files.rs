//! The file of a database of SQLite's: made, copied, and brought into one.

use std::fs::{File, OpenOptions};
use std::io::ErrorKind;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::sync::atomic::Ordering;
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode};
use sqlx::{ConnectOptions as _, Connection as _, Row as _};
use tokio::time::timeout;

use crate::database::{Database, Engine};
use crate::fault::{Fault, of_copy, of_file};
use crate::migrations;

/// How long another program that has a file open is waited for.
const BUSY: Duration = Duration::from_millis(1500);

/// How long it may take to bring the log into the database.
const EMPTYING: Duration = Duration::from_secs(30);

/// Makes an empty file that nobody else may read.
pub(crate) fn private_file(file: &Path) -> std::io::Result<()> {
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(file)
        .map(drop)
}

impl Database {
    /// Brings what SQLite's log holds into the database and empties the log, where something was erased
    /// since: in the log it stands as it was. Whether nothing of it is left there: somebody may read
    /// what was so before.
    pub(crate) async fn empty_log(&self) -> Result<bool, Fault> {
        let Engine::Sqlite { writer, .. } = &self.engine else {
            return Ok(true);
        };
        if !self.log_may_hold_erased.swap(false, Ordering::AcqRel) {
            return Ok(true);
        }
        let emptied = async {
            // A connection of its own: nobody waits for it but who writes, while the disk takes it.
            // Readers are not waited for: while it waited, nobody could write.
            let options = (*writer.connect_options()).clone();
            let mut connection = options.busy_timeout(Duration::ZERO).connect().await?;
            let row = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)")
                .fetch_one(&mut connection)
                .await?;
            let is_busy: i64 = row.try_get(0)?;
            connection.close().await?;
            Ok::<_, sqlx::Error>(is_busy == 0)
        };
        let emptied = timeout(EMPTYING, emptied)
            .await
            .map_err(|_elapsed| Fault::NoAnswer)
            .and_then(|done| Ok(done?));
        if !matches!(emptied, Ok(true)) {
            self.log_may_hold_erased.store(true, Ordering::Release);
        }
        emptied
    }

    /// Copies everything into a new file.
    pub(crate) async fn backup(&self, file: &Path) -> Result<(), Fault> {
        let broken = |reason: String| Fault::File {
            path: file.to_owned(),
            reason,
        };
        let options = match &self.engine {
            Engine::Sqlite {
                writer,
                readers: _,
                log: _,
            } => writer.connect_options(),
            Engine::Postgres(_) => {
                return Err(Fault::Unsupported(
                    "this database is PostgreSQL's: back it up with pg_dump, and the file `keys` \
                     in the data folder by itself",
                ));
            }
        };
        let path = file
            .to_str()
            .ok_or_else(|| broken("its name is not UTF-8".to_owned()))?;
        // A connection of its own: nobody waits for it.
        let mut connection = options.connect().await?;
        private_file(file).map_err(|error| broken(of_new_file(&error)))?;
        let copied = sqlx::query("VACUUM INTO $1")
            .bind(path)
            .execute(&mut connection)
            .await
            .map_err(|error| of_copy(&error));
        connection.close().await?;
        let kept = match copied {
            Ok(_) => reaches_disk(file).await.map_err(|error| of_file(&error)),
            Err(reason) => Err(reason),
        };
        kept.map_err(|reason| {
            // A copy that is half one is none.
            drop(std::fs::remove_file(file));
            broken(reason)
        })
    }
}

/// Whether a file that nobody has open holds records of this program's, of whatever version.
///
/// # Errors
///
/// [`Fault::Unopened`] where it is no database, or cannot be read.
pub async fn holds_records(file: &Path) -> Result<bool, Fault> {
    let unopened = |error| unopened(file, &error);
    let options = SqliteConnectOptions::new()
        .filename(file)
        .busy_timeout(BUSY);
    let mut connection = options.connect().await.map_err(unopened)?;
    let sql = "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = 'schema_version'";
    let tables: i64 = sqlx::query_scalar(sql)
        .fetch_one(&mut connection)
        .await
        .map_err(unopened)?;
    connection.close().await.map_err(unopened)?;
    Ok(tables > 0)
}

/// Whether the file holds records of an older program, which this one would change when it opens them.
///
/// # Errors
///
/// [`Fault::Unopened`] where it cannot be read as a database.
pub async fn are_older(file: &Path) -> Result<bool, Fault> {
    if !file.exists() || !holds_records(file).await? {
        return Ok(false);
    }
    let unopened = |error| unopened(file, &error);
    let options = SqliteConnectOptions::new()
        .filename(file)
        .busy_timeout(BUSY);
    let mut connection = options.connect().await.map_err(unopened)?;
    let found: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM schema_version")
        .fetch_one(&mut connection)
        .await
        .map_err(unopened)?;
    connection.close().await.map_err(unopened)?;
    Ok((1..migrations::known()).contains(&found))
}

/// Brings all that belongs to a database that nobody has open into its one file, and that to the
/// disk: nothing is left beside it.
///
/// # Errors
///
/// [`Fault::Unopened`] where it cannot be opened, [`Fault::File`] where the disk fails.
pub async fn into_one_file(file: &Path) -> Result<(), Fault> {
    let unopened = |error| unopened(file, &error);
    let connection: SqliteConnection = SqliteConnectOptions::new()
        .filename(file)
        .journal_mode(SqliteJournalMode::Delete)
        .busy_timeout(BUSY)
        .connect()
        .await
        .map_err(unopened)?;
    connection.close().await.map_err(unopened)?;
    reaches_disk(file).await.map_err(|error| Fault::File {
        path: file.to_owned(),
        reason: of_file(&error),
    })
}

/// What is wrong with a file that was to be made, and where to make it.
fn of_new_file(error: &std::io::Error) -> String {
    let is = |kind| error.kind() == kind;
    if is(ErrorKind::PermissionDenied) || is(ErrorKind::ReadOnlyFilesystem) {
        format!(
            "{error}; name a file in a folder that the user of this program may write in, as the data folder is"
        )
    } else if is(ErrorKind::AlreadyExists) {
        format!("{error}; name one that is not there yet")
    } else if is(ErrorKind::NotFound) {
        format!("{error}; make its folder first")
    } else {
        of_file(error)
    }
}

async fn reaches_disk(file: &Path) -> std::io::Result<()> {
    let path = file.to_owned();
    tokio::task::spawn_blocking(move || File::open(path)?.sync_all()).await?
}

fn unopened(file: &Path, error: &sqlx::Error) -> Fault {
    Fault::unopened(file.display().to_string(), error)
}
