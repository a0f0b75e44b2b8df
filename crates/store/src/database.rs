//! One SQL text for two databases.
//!
//! Statements are written in what SQLite and PostgreSQL share: `$1` for values, `ON CONFLICT`,
//! `RETURNING`, partial indexes. Numbers are 64 bits wide in both, moments are milliseconds UTC.

use std::io::ErrorKind;
use std::path::Path;
use std::str::FromStr as _;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use sqlx::pool::PoolOptions;
use sqlx::postgres::{PgArguments, PgConnectOptions, PgRow};
use sqlx::query::Query;
use sqlx::sqlite::{
    SqliteArguments, SqliteConnectOptions, SqliteJournalMode, SqliteRow, SqliteSynchronous,
};
use sqlx::{
    ConnectOptions as _, Connection as _, Executor as _, PgPool, Postgres, Row as _, Sqlite,
    SqlitePool,
};
use tokio::time::timeout;

use crate::fault::{Fault, RUNS, is_refused_by_postgres, of_postgres};
use crate::files::private_file;
use crate::health::{Deed, Health};
use crate::lease::{AT_LENGTH, Lease, PATIENCE};
use crate::log::Log;
use crate::value::{Columns, Value};

/// How long SQLite itself waits where another program locks the file: less than we wait for it.
const BUSY: Duration = Duration::from_millis(1500);

/// How long closing may take.
const CLOSING: Duration = Duration::from_secs(1);

/// How many may read SQLite at once beside its writer.
const READERS: u32 = 4;

/// How many rows SQLite's thread reads ahead: it sleeps and is woken less.
const ROWS: usize = 1024;

/// How many connections to PostgreSQL are kept.
const CONNECTIONS: u32 = 16;

/// How long a connection to PostgreSQL may have been idle to be lent without asking whether it is
/// still there, where none has failed meanwhile.
const FRESH: Duration = Duration::from_secs(1);

/// How many statements a connection keeps prepared: more than there are.
const PREPARED: usize = 512;

/// What PostgreSQL is told of each connection: to give up by itself a little before we do, so that
/// what nobody waits for any longer waits for nothing there, and to undo what a program left behind
/// that stands still in the middle of a transaction, before another may take over what it has.
const MANNERS: &str = "SET statement_timeout = '1800ms'; SET lock_timeout = '1500ms'; \
                       SET idle_in_transaction_session_timeout = '4s'";

/// For how long a program may do something else in the middle of what takes long, in milliseconds: it plans an import,
/// say.
const BETWEEN: u32 = 70_000;

/// An open database.
#[derive(Clone, Debug)]
pub(crate) struct Database {
    pub(crate) engine: Engine,
    health: Arc<Health>,
    /// Whether SQLite's log may hold what was erased, as what a program before this one left may.
    pub(crate) log_may_hold_erased: Arc<AtomicBool>,
}

#[derive(Clone, Debug)]
pub(crate) enum Engine {
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
        let unopened = |error| Fault::unopened(file.display().to_string(), &error);
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
            // is done seldom. A log that grew beyond under a long reader is cut again.
            .pragma("wal_autocheckpoint", "10000")
            .pragma("journal_size_limit", "67108864")
            // What is erased is overwritten, not only unlinked.
            .pragma("secure_delete", "ON")
            .row_buffer_size(ROWS)
            .statement_cache_capacity(PREPARED)
            .busy_timeout(BUSY);
        // A file does not go away while nobody asks: that is not asked first, and no connection is opened anew, with all
        // that it has read and prepared, because it is old.
        let pool = || {
            PoolOptions::<Sqlite>::new()
                .acquire_timeout(PATIENCE)
                .test_before_acquire(false)
                .idle_timeout(None)
                .max_lifetime(None)
        };
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
        Ok(Self::of(Engine::Sqlite {
            writer,
            readers,
            log,
        }))
    }

    /// The version of the records in a file, which is read as it lies there, and nothing is written beside it: by whomever
    /// this is asked. None where there are none yet, or they are just being written.
    pub(crate) async fn version_in_file(file: &Path) -> Result<Option<i64>, Fault> {
        if !file.exists() {
            return Ok(None);
        }
        let unopened = |error| Fault::unopened(file.display().to_string(), &error);
        let options = SqliteConnectOptions::new().filename(file);
        let options = options.read_only(true).immutable(true);
        let mut connection = options.connect().await.map_err(unopened)?;
        // Of a file that a server writes meanwhile a part may be read before and a part after: its beginning is enough to tell
        // that it is a database.
        let about = connection.fetch_one("PRAGMA schema_version");
        about.await.map_err(unopened)?;
        let steps = connection.fetch_one("SELECT COUNT(*) FROM schema_version");
        Ok(steps.await.ok().and_then(|it| it.try_get(0).ok()))
    }

    fn of(engine: Engine) -> Self {
        Self {
            engine,
            health: Arc::default(),
            log_may_hold_erased: Arc::new(AtomicBool::new(true)),
        }
    }

    /// Connects to the server at that URL.
    pub(crate) async fn open_postgres(url: &str) -> Result<Self, Fault> {
        let unreadable = || {
            Fault::Unopened {
            place: "of that URL".to_owned(),
            reason: "write it like postgres://user:password@host/database, and in the password %2F for a /, %40 for an @ \
                     and so on for all that is neither letter nor digit"
                .to_owned(),
            may_pass: false,
        }
        };
        let options = PgConnectOptions::from_str(url).map_err(|_shows_password| unreadable())?;
        let options = options.statement_cache_capacity(PREPARED);
        let database = options.get_database().unwrap_or("?");
        // The end of a password that holds a slash, and was taken for the database.
        if database.contains('@') {
            return Err(unreadable());
        }
        let place = format!("{database} at {}", options.get_host());
        if has_unknown_parameter(url) {
            tracing::warn!(
                "database.url has a parameter that is not known, and not used: {} are",
                PARAMETERS.join(", ")
            );
        }
        // Once without the pool, which would try again in silence and lose the reason.
        let first = timeout(PATIENCE, options.connect()).await;
        let reason = match first {
            Ok(Ok(connection)) => {
                drop(connection);
                None
            }
            Ok(Err(error)) => Some((of_postgres(&error), !is_refused_by_postgres(&error))),
            Err(_elapsed) => {
                let reason = format!("it did not answer within {} s; {RUNS}", PATIENCE.as_secs());
                Some((reason, true))
            }
        };
        if let Some((reason, may_pass)) = reason {
            return Err(Fault::Unopened {
                place,
                reason,
                may_pass,
            });
        }
        let health: Arc<Health> = Arc::default();
        let pool = connections(options, CONNECTIONS, Arc::clone(&health));
        Ok(Self {
            engine: Engine::Postgres(pool),
            health,
            log_may_hold_erased: Arc::default(),
        })
    }

    /// The same database over connections of its own, with PostgreSQL: whoever has these waits for nobody who has the
    /// others.
    pub(crate) fn beside(&self, most: u32) -> Self {
        let engine = match &self.engine {
            Engine::Sqlite { .. } => self.engine.clone(),
            Engine::Postgres(pool) => {
                let options = pool.connect_options().as_ref().clone();
                Engine::Postgres(connections(options, most, Arc::clone(&self.health)))
            }
        };
        Self {
            engine,
            ..self.clone()
        }
    }

    /// Begins what writes. With SQLite nobody else writes until it ends.
    pub(crate) async fn write(&self) -> Result<Work, Fault> {
        Ok(match &self.engine {
            Engine::Sqlite {
                writer,
                readers: _,
                log,
            } => {
                let begin = (Deed::Write, "BEGIN IMMEDIATE");
                let begun = Lease::begin(writer, begin, &self.health).await?;
                Work::Sqlite(begun, Some(Arc::clone(log)))
            }
            Engine::Postgres(pool) => {
                // As the rules are checked: against what those before have left.
                let begin = (Deed::Write, "BEGIN ISOLATION LEVEL READ COMMITTED");
                Work::Postgres(Lease::begin(pool, begin, &self.health).await?)
            }
        })
    }

    /// Begins what reads, all of it from one moment.
    pub(crate) async fn read(&self) -> Result<Work, Fault> {
        Ok(match &self.engine {
            Engine::Sqlite {
                writer: _,
                readers,
                log: _,
            } => {
                let begin = (Deed::Read, "BEGIN");
                Work::Sqlite(Lease::begin(readers, begin, &self.health).await?, None)
            }
            Engine::Postgres(pool) => {
                let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
                let begin = (Deed::Read, begin);
                Work::Postgres(Lease::begin(pool, begin, &self.health).await?)
            }
        })
    }

    /// Begins what one statement reads, which is of one moment by itself.
    pub(crate) async fn glance(&self) -> Result<Work, Fault> {
        match &self.engine {
            Engine::Sqlite {
                writer: _,
                readers,
                log: _,
            } => {
                let lease = Lease::without_transaction(readers, Deed::Read, &self.health).await?;
                Ok(Work::Sqlite(lease, None))
            }
            Engine::Postgres(pool) => {
                let lease = Lease::without_transaction(pool, Deed::Read, &self.health).await?;
                Ok(Work::Postgres(lease))
            }
        }
    }

    /// Whether there is room beside SQLite's file for more than the little that may just be free in
    /// it.
    pub(crate) async fn check_room(&self) -> Result<(), Fault> {
        match &self.engine {
            Engine::Sqlite { log, .. } => {
                let checked = log.check_room().await;
                if let Err(fault) = &checked {
                    self.health.failed(Deed::Write, fault);
                }
                checked
            }
            Engine::Postgres(_) => Ok(()),
        }
    }

    /// What could not be done lately.
    pub(crate) fn trouble(&self) -> Option<Deed> {
        self.health.trouble()
    }

    /// What is known of it.
    pub(crate) fn health(&self) -> &Health {
        &self.health
    }

    /// Closes all connections; what was begun is let end, for a moment.
    pub(crate) async fn close(&self) {
        let closed = async {
            match &self.engine {
                Engine::Sqlite {
                    writer,
                    readers,
                    log: _,
                } => {
                    readers.close().await;
                    writer.close().await;
                }
                Engine::Postgres(pool) => pool.close().await,
            }
        };
        if timeout(CLOSING, closed).await.is_err() {
            tracing::warn!("the records did not close in time");
        }
    }
}

/// What the URL of a database may say behind its `?`, and other names of the same.
const PARAMETERS: [&str; 11] = [
    "sslmode",
    "sslrootcert",
    "sslcert",
    "sslkey",
    "host",
    "port",
    "dbname",
    "user",
    "password",
    "application_name",
    "options",
];
const OTHER_NAMES: [&str; 7] = [
    "ssl-mode",
    "ssl-root-cert",
    "ssl-ca",
    "ssl-cert",
    "ssl-key",
    "hostaddr",
    "statement-cache-capacity",
];

/// Whether it says something else there. That is not said again: it may be the end of a password that holds a question mark.
fn has_unknown_parameter(url: &str) -> bool {
    let (_, behind) = url.split_once('?').unwrap_or_default();
    let parameters = behind.split('#').next().unwrap_or_default().split('&');
    let mut names = parameters.map(|it| it.split('=').next().unwrap_or_default());
    names.any(|name| {
        let is_known = PARAMETERS.contains(&name) || OTHER_NAMES.contains(&name);
        !name.is_empty() && !is_known && !name.starts_with("options[")
    })
}

/// So many connections to PostgreSQL at most, each made when it is needed.
fn connections(options: PgConnectOptions, most: u32, health: Arc<Health>) -> PgPool {
    PoolOptions::<Postgres>::new()
        .acquire_timeout(PATIENCE)
        .max_connections(most)
        .test_before_acquire(false)
        .before_acquire(move |connection, known| {
            let is_doubtful = known.idle_for > FRESH || health.failed_within(known.idle_for);
            Box::pin(async move {
                if is_doubtful {
                    connection.ping().await?;
                }
                Ok(true)
            })
        })
        .after_connect(|connection, _| {
            Box::pin(async move { connection.execute(MANNERS).await.map(drop) })
        })
        .connect_lazy_with(options)
}

/// A transaction. Dropped without [`Work::commit`], it never was.
#[derive(Debug)]
pub(crate) enum Work {
    /// With the log to wait for, where it writes.
    Sqlite(Lease<Sqlite>, Option<Arc<Log>>),
    Postgres(Lease<Postgres>),
}

/// Runs a statement on a lease's connection, within its time.
macro_rules! run {
    ($lease:expr, $statement:expr, $how:ident) => {{
        let limit = $lease.limit();
        let done = timeout(limit, $statement.$how($lease.lend())).await;
        $lease.judge(done)
    }};
}

impl Work {
    /// Lets each statement from here on take long: an import, a check of the whole log.
    pub(crate) async fn at_length(&mut self) -> Result<(), Fault> {
        match self {
            Self::Sqlite(lease, _) => lease.at_length(),
            Self::Postgres(lease) => {
                lease.at_length();
                let limit = AT_LENGTH.as_millis();
                let limits = format!(
                    "SET LOCAL statement_timeout = {limit}; SET LOCAL lock_timeout = {limit}; \
                     SET LOCAL idle_in_transaction_session_timeout = {BETWEEN}"
                );
                self.script(limits).await?;
            }
        }
        Ok(())
    }

    /// Runs a statement, and gives how many rows it changed.
    pub(crate) async fn run(
        &mut self,
        sql: &'static str,
        values: Vec<Value>,
    ) -> Result<u64, Fault> {
        Ok(match self {
            Self::Sqlite(lease, _) => run!(lease, sqlite(sql, values), execute)?.rows_affected(),
            Self::Postgres(lease) => run!(lease, postgres(sql, values), execute)?.rows_affected(),
        })
    }

    /// All rows.
    pub(crate) async fn all(
        &mut self,
        sql: &'static str,
        values: Vec<Value>,
    ) -> Result<Vec<Row>, Fault> {
        Ok(match self {
            Self::Sqlite(lease, _) => {
                let rows = run!(lease, sqlite(sql, values), fetch_all)?;
                rows.into_iter().map(Row::Sqlite).collect()
            }
            Self::Postgres(lease) => {
                let rows = run!(lease, postgres(sql, values), fetch_all)?;
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
            Self::Sqlite(lease, _) => {
                run!(lease, sqlite(sql, values), fetch_optional)?.map(Row::Sqlite)
            }
            Self::Postgres(lease) => {
                run!(lease, postgres(sql, values), fetch_optional)?.map(Row::Postgres)
            }
        })
    }

    /// All rows, each as what it is by the names of its columns.
    pub(crate) async fn rows<T: Columns>(
        &mut self,
        sql: &'static str,
        values: Vec<Value>,
    ) -> Result<Vec<T>, Fault> {
        let rows = self.all(sql, values).await?;
        let Some(first) = rows.first() else {
            return Ok(Vec::new());
        };
        let named = T::NAMES.iter().map(|name| first.column(name));
        let at = named.collect::<Result<Vec<_>, _>>()?;
        rows.iter().map(|row| T::read(row, &at)).collect()
    }

    /// The first row, if there is one, as what it is by the names of its columns.
    pub(crate) async fn row<T: Columns>(
        &mut self,
        sql: &'static str,
        values: Vec<Value>,
    ) -> Result<Option<T>, Fault> {
        let Some(row) = self.one(sql, values).await? else {
            return Ok(None);
        };
        let named = T::NAMES.iter().map(|name| row.column(name));
        let at = named.collect::<Result<Vec<_>, _>>()?;
        T::read(&row, &at).map(Some)
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
            Self::Sqlite(lease, _) => run!(lease, script, execute).map(drop),
            Self::Postgres(lease) => run!(lease, script, execute).map(drop),
        }
    }

    pub(crate) const fn is_postgres(&self) -> bool {
        match self {
            Self::Sqlite(..) => false,
            Self::Postgres(_) => true,
        }
    }

    /// Makes it so for as long as the machine runs: what a power cut may take back.
    pub(crate) async fn commit_unsynced(mut self) -> Result<(), Fault> {
        if self.is_postgres() {
            self.run("SET LOCAL synchronous_commit = off", Vec::new())
                .await?;
        }
        match self {
            Self::Sqlite(lease, _log) => lease.commit().await,
            Self::Postgres(lease) => lease.commit().await,
        }
    }

    /// Makes it so.
    pub(crate) async fn commit(self) -> Result<(), Fault> {
        match self {
            Self::Sqlite(lease, None) => lease.commit().await,
            Self::Sqlite(lease, Some(log)) => {
                let health = lease.health();
                lease.commit().await?;
                let reached = log.reaches_disk().await;
                match &reached {
                    Ok(()) => health.succeeded(Deed::Write),
                    Err(fault) => health.failed(Deed::Write, fault),
                }
                reached
            }
            Self::Postgres(lease) => {
                let health = lease.health();
                lease.commit().await?;
                health.succeeded(Deed::Write);
                Ok(())
            }
        }
    }
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
    /// Where the column of that name stands, counted from 0.
    pub(crate) fn column(&self, name: &str) -> Result<usize, Fault> {
        use sqlx::ColumnIndex as _;
        Ok(match self {
            Self::Sqlite(row) => name.index(row)?,
            Self::Postgres(row) => name.index(row)?,
        })
    }

    /// Whether nothing stands in that column.
    pub(crate) fn is_null(&self, column: usize) -> Result<bool, Fault> {
        use sqlx::ValueRef as _;
        Ok(match self {
            Self::Sqlite(row) => row.try_get_raw(column)?.is_null(),
            Self::Postgres(row) => row.try_get_raw(column)?.is_null(),
        })
    }
}
