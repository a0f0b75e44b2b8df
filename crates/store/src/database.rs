//! One SQL text for two databases.
//!
//! Statements are written in what SQLite and PostgreSQL share: `$1` for values, `ON CONFLICT`,
//! `RETURNING`, partial indexes. Numbers are 64 bits wide in both, moments are milliseconds UTC.

use std::fs::OpenOptions;
use std::io::ErrorKind;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::str::FromStr as _;
use std::sync::Arc;
use std::time::Duration;

use sqlx::pool::PoolOptions;
use sqlx::postgres::{PgArguments, PgConnectOptions, PgRow};
use sqlx::query::Query;
use sqlx::sqlite::{
    SqliteArguments, SqliteConnectOptions, SqliteJournalMode, SqliteRow, SqliteSynchronous,
};
use sqlx::{
    ConnectOptions as _, Connection as _, PgPool, Postgres, Row as _, Sqlite, SqlitePool,
    Transaction,
};

use crate::fault::Fault;
use crate::log::Log;
use crate::value::Value;

/// How long a request waits for a connection, or for SQLite's one writer.
const PATIENCE: Duration = Duration::from_secs(10);

/// How many may read SQLite at once beside its writer.
const READERS: u32 = 4;

/// How many rows SQLite's thread reads ahead: it sleeps and is woken less.
const ROWS: usize = 1024;

/// How many connections to PostgreSQL are kept.
const CONNECTIONS: u32 = 16;

/// An open database.
#[derive(Clone, Debug)]
pub(crate) enum Database {
    /// One connection writes, several read: nobody waits in SQLite's own busy loop.
    Sqlite {
        writer: SqlitePool,
        readers: SqlitePool,
        log: Arc<Log>,
    },
    Postgres(PgPool),
}

impl Database {
    /// Opens the file, and makes it where there is none.
    pub(crate) async fn open_sqlite(file: &Path) -> Result<Self, Fault> {
        let unopened = |error: sqlx::Error| Fault::Unopened {
            place: file.display().to_string(),
            reason: error.to_string(),
        };
        match private_file(file) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => {
                return Err(unopened(error.into()));
            }
            Ok(()) | Err(_) => {}
        }
        // NORMAL: a commit does not wait for the disk; `Log` does, for several at once.
        let options = SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal)
            .foreign_keys(true)
            // 40 MB: to take the log into the database stops the writer while the disk syncs, so it
            // is done seldom.
            .pragma("wal_autocheckpoint", "10000")
            // What is erased is overwritten, not only unlinked.
            .pragma("secure_delete", "ON")
            .row_buffer_size(ROWS)
            .busy_timeout(PATIENCE);
        let pool = || PoolOptions::<Sqlite>::new().acquire_timeout(PATIENCE);
        let writer = pool()
            .max_connections(1)
            .connect_with(options.clone())
            .await
            .map_err(unopened)?;
        let readers = pool()
            .max_connections(READERS)
            .connect_with(options.pragma("query_only", "ON"))
            .await
            .map_err(unopened)?;
        let log = Arc::new(Log::of_database(file));
        Ok(Self::Sqlite {
            writer,
            readers,
            log,
        })
    }

    /// Connects to the server at that URL.
    pub(crate) async fn open_postgres(url: &str) -> Result<Self, Fault> {
        let options =
            PgConnectOptions::from_str(url).map_err(|_shows_password| Fault::Unopened {
                place: "of that URL".to_owned(),
                reason: "write it like postgres://user:password@host/database".to_owned(),
            })?;
        let place = format!(
            "{} at {}",
            options.get_database().unwrap_or("?"),
            options.get_host()
        );
        let pool = PoolOptions::<Postgres>::new()
            .acquire_timeout(PATIENCE)
            .max_connections(CONNECTIONS)
            .connect_with(options)
            .await
            .map_err(|error| Fault::Unopened {
                place,
                reason: error.to_string(),
            })?;
        Ok(Self::Postgres(pool))
    }

    /// Begins what writes. With SQLite nobody else writes until it ends.
    pub(crate) async fn write(&self) -> Result<Work, Fault> {
        Ok(match self {
            Self::Sqlite {
                writer,
                readers: _,
                log,
            } => {
                let begun = writer.begin_with("BEGIN IMMEDIATE").await?;
                Work::Sqlite(begun, Some(Arc::clone(log)))
            }
            Self::Postgres(pool) => Work::Postgres(pool.begin().await?),
        })
    }

    /// Begins what reads, all of it from one moment.
    pub(crate) async fn read(&self) -> Result<Work, Fault> {
        Ok(match self {
            Self::Sqlite {
                writer: _,
                readers,
                log: _,
            } => Work::Sqlite(readers.begin().await?, None),
            Self::Postgres(pool) => Work::Postgres(
                pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
                    .await?,
            ),
        })
    }

    /// Closes all connections; what was begun is let end.
    pub(crate) async fn close(&self) {
        match self {
            Self::Sqlite {
                writer,
                readers,
                log: _,
            } => {
                readers.close().await;
                writer.close().await;
            }
            Self::Postgres(pool) => pool.close().await,
        }
    }
}

/// A transaction. Dropped without [`Work::commit`], it never was.
#[derive(Debug)]
pub(crate) enum Work {
    /// With the log to wait for, where it writes.
    Sqlite(Transaction<'static, Sqlite>, Option<Arc<Log>>),
    Postgres(Transaction<'static, Postgres>),
}

impl Work {
    /// Runs a statement, and gives how many rows it changed.
    pub(crate) async fn run(
        &mut self,
        sql: &'static str,
        values: Vec<Value>,
    ) -> Result<u64, Fault> {
        Ok(match self {
            Self::Sqlite(work, _) => sqlite(sql, values)
                .execute(&mut **work)
                .await?
                .rows_affected(),
            Self::Postgres(work) => postgres(sql, values)
                .execute(&mut **work)
                .await?
                .rows_affected(),
        })
    }

    /// All rows.
    pub(crate) async fn all(
        &mut self,
        sql: &'static str,
        values: Vec<Value>,
    ) -> Result<Vec<Row>, Fault> {
        Ok(match self {
            Self::Sqlite(work, _) => {
                let rows = sqlite(sql, values).fetch_all(&mut **work).await?;
                rows.into_iter().map(Row::Sqlite).collect()
            }
            Self::Postgres(work) => {
                let rows = postgres(sql, values).fetch_all(&mut **work).await?;
                rows.into_iter().map(Row::Postgres).collect()
            }
        })
    }

    /// The first row, if there is one.
    pub(crate) async fn one(
        &mut self,
        sql: &'static str,
        values: Vec<Value>,
    ) -> Result<Option<Row>, Fault> {
        Ok(match self {
            Self::Sqlite(work, _) => {
                let row = sqlite(sql, values).fetch_optional(&mut **work).await?;
                row.map(Row::Sqlite)
            }
            Self::Postgres(work) => {
                let row = postgres(sql, values).fetch_optional(&mut **work).await?;
                row.map(Row::Postgres)
            }
        })
    }

    /// How many rows a `SELECT COUNT(*)` counts.
    pub(crate) async fn count(
        &mut self,
        sql: &'static str,
        values: Vec<Value>,
    ) -> Result<i64, Fault> {
        match self.one(sql, values).await? {
            Some(row) => row.at(0),
            None => Ok(0),
        }
    }

    /// Runs several statements without values, as a migration has them.
    pub(crate) async fn script(&mut self, sql: String) -> Result<(), Fault> {
        // Made of this crate's own text only.
        let script = sqlx::raw_sql(sqlx::AssertSqlSafe(sql));
        match self {
            Self::Sqlite(work, _) => script.execute(&mut **work).await.map(drop)?,
            Self::Postgres(work) => script.execute(&mut **work).await.map(drop)?,
        }
        Ok(())
    }

    pub(crate) const fn is_postgres(&self) -> bool {
        match self {
            Self::Sqlite(..) => false,
            Self::Postgres(_) => true,
        }
    }

    /// Makes it so.
    pub(crate) async fn commit(self) -> Result<(), Fault> {
        match self {
            Self::Sqlite(work, log) => {
                work.commit().await?;
                if let Some(log) = log {
                    log.reaches_disk().await?;
                }
            }
            Self::Postgres(work) => work.commit().await?,
        }
        Ok(())
    }
}

/// Makes an empty file that nobody else may read.
fn private_file(file: &Path) -> std::io::Result<()> {
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(file)
        .map(drop)
}

fn sqlite(sql: &'static str, values: Vec<Value>) -> Query<'static, Sqlite, SqliteArguments> {
    values
        .into_iter()
        .fold(sqlx::query(sql), |query, value| match value {
            Value::Number(it) => query.bind(it),
            Value::Text(it) => query.bind(it),
            Value::Bytes(it) => query.bind(it),
        })
}

fn postgres(sql: &'static str, values: Vec<Value>) -> Query<'static, Postgres, PgArguments> {
    values
        .into_iter()
        .fold(sqlx::query(sql), |query, value| match value {
            Value::Number(it) => query.bind(it),
            Value::Text(it) => query.bind(it),
            Value::Bytes(it) => query.bind(it),
        })
}

/// A row of either.
pub(crate) enum Row {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

impl Row {
    /// The value in that column, counted from 0.
    pub(crate) fn at<'r, T>(&'r self, column: usize) -> Result<T, Fault>
    where
        T: sqlx::Decode<'r, Sqlite> + sqlx::Type<Sqlite>,
        T: sqlx::Decode<'r, Postgres> + sqlx::Type<Postgres>,
    {
        Ok(match self {
            Self::Sqlite(row) => row.try_get(column)?,
            Self::Postgres(row) => row.try_get(column)?,
        })
    }
}

impl Row {
    /// Whether nothing stands in that column.
    pub(crate) fn is_null(&self, column: usize) -> Result<bool, Fault> {
        use sqlx::ValueRef as _;
        Ok(match self {
            Self::Sqlite(row) => row.try_get_raw(column)?.is_null(),
            Self::Postgres(row) => row.try_get_raw(column)?.is_null(),
        })
    }
}

impl Database {
    /// Copies everything into a new file.
    pub(crate) async fn backup(&self, file: &Path) -> Result<(), Fault> {
        let broken = |reason: String| Fault::File {
            path: file.to_owned(),
            reason,
        };
        let options = match self {
            Self::Sqlite {
                writer,
                readers: _,
                log: _,
            } => writer.connect_options(),
            Self::Postgres(_) => {
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
        private_file(file).map_err(|error| broken(error.to_string()))?;
        sqlx::query("VACUUM INTO $1")
            .bind(path)
            .execute(&mut connection)
            .await
            .map_err(|error| broken(error.to_string()))?;
        Ok(connection.close().await?)
    }
}
