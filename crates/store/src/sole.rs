//! One program serves the records in PostgreSQL, or several that are nodes of one another: two that are
//! not would each keep seats, sessions and news of their own, and neither would know of the other's.
//!
//! The lock is PostgreSQL's, of a session that does nothing else: a program that is killed lets go of
//! it at once. Where the line to the server breaks, or the server is started anew, the lock is taken
//! again; who finds then that another has it was too late, and ends.

use std::str::FromStr as _;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions as _, Connection as _, Executor as _};
use tokio::time::{Instant, sleep, timeout};

use crate::fault::Fault;
use crate::lease::PATIENCE;
use crate::store::{Place, Store};

/// How long to wait for a program that has just been killed to let go.
const LETTING_GO: Duration = Duration::from_secs(2);

/// How often to try meanwhile.
const AGAIN: Duration = Duration::from_millis(100);

/// How often to see whether the lock is still held.
const LOOK: Duration = Duration::from_secs(1);

/// Takes the lock, of this schema alone; the number is no other lock's.
const TAKE: &str = "SELECT pg_try_advisory_lock(701140542, hashtext(current_schema()))";

/// Takes it with other nodes, and alone the name of this one.
const TAKE_WITH_OTHERS: &str = "SELECT CASE
       WHEN pg_try_advisory_lock_shared(701140542, hashtext(current_schema()))
       THEN pg_try_advisory_lock(701140544, hashtext(current_schema() || ' ' || $1))
       ELSE FALSE END";

/// Ends the session that holds it, where it is an earlier one of this program: on a line that broke
/// the server may not have noticed yet.
const END_OWN: &str = "SELECT COUNT(pg_terminate_backend(held.pid)) FROM pg_locks AS held
     JOIN pg_stat_activity AS holder ON holder.pid = held.pid
     WHERE held.locktype = 'advisory' AND held.granted
       AND held.database = (SELECT oid FROM pg_database WHERE datname = current_database())
       AND held.classid::bigint = 701140542
       AND held.objid::bigint = hashtext(current_schema())::bigint & 4294967295
       AND holder.application_name = current_setting('application_name')
       AND held.pid <> pg_backend_pid()";

/// A machine that vanished without a word holds the lock for as long as the server believes in it:
/// half a minute.
pub(crate) const MANNERS: &str = "SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; \
                       SET tcp_keepalives_count = 4";

/// The right to serve the records: as long as it is kept, no other program has it.
#[derive(Debug)]
#[must_use = "dropped, another may serve the records"]
pub struct Sole {
    options: PgConnectOptions,
    /// What this node is called, where there are others.
    node: Option<String>,
    /// None while the server cannot be reached.
    session: Option<PgConnection>,
}

impl Store {
    /// Makes the records this program's own to serve; none with `SQLite`, whose folder is held
    /// instead.
    ///
    /// # Errors
    ///
    /// [`Fault::Served`] where another program serves them.
    pub async fn serve_alone(&self) -> Result<Option<Sole>, Fault> {
        match self.place() {
            Place::Postgres(url) => Sole::hold(url, None).await.map(Some),
            Place::Sqlite(_) => Ok(None),
        }
    }

    /// Makes the records this node's to serve, with other nodes, and its name its own.
    ///
    /// # Errors
    ///
    /// [`Fault::Served`] where a program on its own serves them, or a node of the same name;
    /// [`Fault::Unsupported`] with `SQLite`.
    pub async fn serve_as_node(&self, name: &str) -> Result<Sole, Fault> {
        match self.place() {
            Place::Postgres(url) => Sole::hold(url, Some(name.to_owned())).await,
            Place::Sqlite(_) => Err(Fault::Unsupported(
                "several nodes need their records in PostgreSQL: set database.url",
            )),
        }
    }
}

impl Sole {
    async fn hold(url: &str, node: Option<String>) -> Result<Self, Fault> {
        let options = PgConnectOptions::from_str(url)?
            .application_name(&format!("homeroom {:016x}", ambient::random::<u64>()));
        let mut sole = Self {
            options,
            node,
            session: None,
        };
        let ends = Instant::now() + LETTING_GO;
        loop {
            match sole.take().await? {
                true => return Ok(sole),
                false if Instant::now() >= ends => return Err(Fault::Served),
                false => sleep(AGAIN).await,
            }
        }
    }

    /// Keeps it, whatever becomes of the line to the server. It ends where another program has it.
    pub async fn until_lost(&mut self) {
        loop {
            sleep(LOOK).await;
            let is_held = match self.session.as_mut() {
                Some(session) => matches!(timeout(PATIENCE, session.ping()).await, Ok(Ok(()))),
                None => false,
            };
            if is_held {
                continue;
            }
            self.session = None;
            match self.take().await {
                Ok(true) => tracing::info!("the records are this program's to serve again"),
                Ok(false) => return,
                Err(error) => {
                    tracing::debug!(%error, "nobody knows who serves the records: tried again");
                }
            }
        }
    }

    async fn try_to_take(&self, session: &mut PgConnection) -> sqlx::Result<bool> {
        match &self.node {
            None => sqlx::query_scalar(TAKE).fetch_one(session).await,
            Some(name) => {
                let take = sqlx::query_scalar(TAKE_WITH_OTHERS).bind(name);
                take.fetch_one(session).await
            }
        }
    }

    /// Whether it is this program's now.
    async fn take(&mut self) -> Result<bool, Fault> {
        let taken = async {
            let mut session = self.options.connect().await?;
            session.execute(MANNERS).await?;
            let mut is_taken = self.try_to_take(&mut session).await?;
            if !is_taken {
                let ended: i64 = sqlx::query_scalar(END_OWN).fetch_one(&mut session).await?;
                let tries = Instant::now() + LETTING_GO / 2;
                while ended > 0 && !is_taken && Instant::now() < tries {
                    sleep(AGAIN).await;
                    is_taken = self.try_to_take(&mut session).await?;
                }
            }
            Ok::<_, sqlx::Error>(is_taken.then_some(session))
        };
        self.session = timeout(PATIENCE, taken)
            .await
            .map_err(|_elapsed| Fault::NoAnswer)??;
        Ok(self.session.is_some())
    }
}
