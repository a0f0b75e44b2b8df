//! A connection lent for one transaction, which goes back to its pool only where it is in order.
//!
//! What a database or a disk did to a connection is not guessed at: after a transaction that did not
//! end by its own COMMIT a ROLLBACK must be answered, and in time. SQLite ends a transaction by
//! itself where the disk is full or fails, and then has none to roll back; a server that is frozen
//! answers nothing; a statement that was cut off may be running still. Each of these connections is
//! closed, and the next who asks gets a new one.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use sqlx::error::ErrorKind;
use sqlx::pool::PoolConnection;
use sqlx::{Executor, Pool, Postgres, Sqlite};
use tokio::runtime::Handle;
use tokio::time::{error::Elapsed, timeout};

use crate::fault::Fault;
use crate::health::{Deed, Health};

/// How long a request waits for a connection and the beginning of its transaction, and how long for
/// each statement.
pub(crate) const PATIENCE: Duration = Duration::from_secs(2);

/// How long a statement may take that goes through much: an import, a check of the whole log.
pub(crate) const AT_LENGTH: Duration = Duration::from_secs(60);

/// A database whose connections are lent.
pub(crate) trait Lendable: sqlx::Database {
    /// Ends the transaction that is open on a connection.
    fn roll_back(
        connection: &mut Self::Connection,
    ) -> impl Future<Output = sqlx::Result<()>> + Send;

    /// Closes a connection of whose state nothing is known.
    fn discard(
        connection: PoolConnection<Self>,
        pool: Pool<Self>,
    ) -> impl Future<Output = ()> + Send;
}

impl Lendable for Sqlite {
    async fn roll_back(connection: &mut Self::Connection) -> sqlx::Result<()> {
        connection.execute("ROLLBACK").await.map(drop)
    }

    /// It keeps its place in the pool until its thread has ended: with a disk that hangs no thread
    /// is added to those that hang already.
    async fn discard(connection: PoolConnection<Self>, _pool: Pool<Self>) {
        if let Err(error) = connection.close().await {
            tracing::debug!(%error, "a connection to the records had ended already");
        }
    }
}

impl Lendable for Postgres {
    async fn roll_back(connection: &mut Self::Connection) -> sqlx::Result<()> {
        connection.execute("ROLLBACK").await.map(drop)
    }

    /// Without a goodbye that nobody might take. Those that wait unused lead to the same server, and
    /// are closed with it.
    async fn discard(connection: PoolConnection<Self>, pool: Pool<Self>) {
        drop(connection.detach());
        while let Some(idle) = pool.try_acquire() {
            drop(idle.detach());
        }
    }
}

/// A connection with a transaction on it, or lent for one statement.
#[derive(Debug)]
pub(crate) struct Lease<D: Lendable> {
    /// There until it is dropped.
    connection: Option<PoolConnection<D>>,
    pool: Pool<D>,
    deed: Deed,
    health: Arc<Health>,
    /// How long a statement may take.
    limit: Duration,
    /// Whether a transaction may be open.
    is_open: bool,
    /// Whether every statement so far was answered, and none by a fault.
    is_sound: bool,
}

impl<D: Lendable> Lease<D> {
    /// Takes a connection and begins a transaction on it by `begin`.
    pub(crate) async fn begin(
        pool: &Pool<D>,
        (deed, begin): (Deed, &'static str),
        health: &Arc<Health>,
    ) -> Result<Self, Fault>
    where
        for<'c> &'c mut D::Connection: Executor<'c, Database = D>,
    {
        let begun = async {
            let mut lease = Self::take(pool, deed, health).await?;
            lease.is_open = true;
            lease.lend().execute(begin).await?;
            lease.is_sound = true;
            Ok(lease)
        };
        told(Box::pin(begun), deed, health).await
    }

    /// Takes a connection for a single statement, which is a transaction by itself.
    pub(crate) async fn without_transaction(
        pool: &Pool<D>,
        deed: Deed,
        health: &Arc<Health>,
    ) -> Result<Self, Fault> {
        told(Box::pin(Self::take(pool, deed, health)), deed, health).await
    }

    async fn take(pool: &Pool<D>, deed: Deed, health: &Arc<Health>) -> Result<Self, Fault> {
        Ok(Self {
            connection: Some(pool.acquire().await?),
            pool: pool.clone(),
            deed,
            health: Arc::clone(health),
            limit: PATIENCE,
            is_open: false,
            is_sound: true,
        })
    }

    /// Lets each statement from here on take long.
    pub(crate) const fn at_length(&mut self) {
        self.limit = AT_LENGTH;
    }

    /// What is known of its database.
    pub(crate) fn health(&self) -> Arc<Health> {
        Arc::clone(&self.health)
    }

    /// How long a statement may take.
    pub(crate) const fn limit(&self) -> Duration {
        self.limit
    }

    /// The connection, for one statement. Until [`Self::judge`] has heard how that ended, nobody
    /// knows how the connection stands.
    #[expect(clippy::expect_used, reason = "it says why it holds")]
    pub(crate) fn lend(&mut self) -> &mut D::Connection {
        self.is_sound = false;
        self.health.asks();
        self.connection.as_mut().expect("it is there until dropped")
    }

    /// Hears how a statement ended.
    pub(crate) fn judge<T>(&mut self, done: Result<sqlx::Result<T>, Elapsed>) -> Result<T, Fault> {
        let fault = match done {
            Ok(Ok(done)) => {
                self.is_sound = true;
                if self.deed == Deed::Read {
                    self.health.succeeded(Deed::Read);
                }
                return Ok(done);
            }
            Ok(Err(error)) => {
                // What was to be kept broke a rule of the schema: that much is as usual.
                self.is_sound = error
                    .as_database_error()
                    .is_some_and(|it| !matches!(it.kind(), ErrorKind::Other));
                Fault::from(error)
            }
            Err(_elapsed) => Fault::NoAnswer,
        };
        if !self.is_sound {
            self.health.failed(self.deed, &fault);
        }
        Err(fault)
    }

    /// Ends the transaction: what it wrote is there from now on.
    pub(crate) async fn commit(mut self) -> Result<(), Fault>
    where
        for<'c> &'c mut D::Connection: Executor<'c, Database = D>,
    {
        let limit = self.limit;
        let done = timeout(limit, self.lend().execute("COMMIT")).await;
        self.judge(done)?;
        self.is_open = false;
        Ok(())
    }
}

/// What beginning comes to within its time, which the health hears of where it comes to nothing.
async fn told<T>(
    begun: impl Future<Output = Result<T, Fault>>,
    deed: Deed,
    health: &Health,
) -> Result<T, Fault> {
    let begun = timeout(PATIENCE, begun).await;
    let begun = begun.unwrap_or(Err(Fault::NoAnswer));
    if let Err(fault) = &begun {
        health.failed(deed, fault);
    }
    begun
}

impl<D: Lendable> Drop for Lease<D> {
    fn drop(&mut self) {
        let Some(connection) = self.connection.take() else {
            return;
        };
        let (pool, is_open, is_sound) = (self.pool.clone(), self.is_open, self.is_sound);
        match Handle::try_current() {
            Ok(runtime) => {
                runtime.spawn(give_back(connection, pool, is_open, is_sound));
            }
            // The program ends: whoever is at the other end sees the connection close.
            Err(_) => drop(connection.detach()),
        }
    }
}

async fn give_back<D: Lendable>(
    mut connection: PoolConnection<D>,
    pool: Pool<D>,
    is_open: bool,
    is_sound: bool,
) {
    let in_order = is_sound
        && (!is_open
            || matches!(
                timeout(PATIENCE, D::roll_back(&mut connection)).await,
                Ok(Ok(()))
            ));
    if in_order {
        // It asks the server once more, for as long as the server likes: cut off, the connection
        // is closed and its place free.
        let returned = timeout(PATIENCE, connection.return_to_pool()).await;
        if returned.is_err() {
            tracing::debug!("a connection to the records was closed: it did not answer");
        }
    } else {
        tracing::info!("closing a connection to the records that is not in order");
        D::discard(connection, pool).await;
    }
}

#[cfg(test)]
mod tests {
    use sqlx::sqlite::SqlitePoolOptions;

    use super::*;

    /// Whether the connection that the pool lends is the one that was marked.
    async fn is_marked(pool: &Pool<Sqlite>) -> bool {
        let marks = "SELECT COUNT(*) FROM sqlite_temp_master WHERE name = 'mark'";
        let marks: i64 = sqlx::query_scalar(marks)
            .fetch_one(pool)
            .await
            .expect("it is lent, and no transaction is open on it");
        marks > 0
    }

    /// Every statement was answered, and none by a fault: only the ROLLBACK shows that the
    /// transaction is not what it should be.
    #[tokio::test]
    async fn a_connection_whose_transaction_has_ended_by_itself_is_closed() {
        let pool = SqlitePoolOptions::new().max_connections(1);
        let pool = pool.connect("sqlite::memory:").await.expect("in memory");
        let health = Arc::default();
        for (ended_by, stays) in [("SELECT 1", true), ("COMMIT", false), ("ROLLBACK", false)] {
            let begin = (Deed::Write, "BEGIN IMMEDIATE");
            let mut lease = Lease::begin(&pool, begin, &health).await.expect("begun");
            for statement in ["CREATE TEMP TABLE IF NOT EXISTS mark (it)", ended_by] {
                let done = lease.lend().execute(statement).await;
                lease.judge(Ok(done)).expect("answered");
            }
            let connection = lease.connection.take().expect("it is there");
            give_back(connection, pool.clone(), lease.is_open, lease.is_sound).await;
            let is_kept = pool.num_idle() == 1;
            assert_eq!(is_kept, stays, "{ended_by}");
            assert!(!is_marked(&pool).await, "{ended_by}");
        }
    }
}
