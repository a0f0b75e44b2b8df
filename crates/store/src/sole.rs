//! One program serves the records in PostgreSQL, or several that are nodes of one another: two that are
//! not would each keep seats, sessions and news of their own, and neither would know of the other's.
//!
//! The lock is PostgreSQL's, of a session that does nothing else: a program that is killed lets go of
//! it at once. Where the line to the server breaks, or the server is started anew, the lock is taken
//! again. So that nobody takes it meanwhile from whoever lives, the records know who has it: of nodes
//! [their rows](crate::nodes::DO_NODES_LIVE), of a server on its own [its run](RUN). Whoever begins leaves a lock
//! that nobody has to the run that had it last, for as long as that may take to come back for it; but not where
//! it knows that the run has ended.

use std::str::FromStr as _;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions as _, Connection as _, Executor as _};
use tokio::time::{Instant, sleep, timeout};

use crate::fault::Fault;
use crate::lease::PATIENCE;
use crate::nodes::{DO_NODES_LIVE, END_NODES};
use crate::store::{Place, Store};
use crate::value::values;

/// How long to wait for a program that has just been killed to let go.
const LETTING_GO: Duration = Duration::from_secs(2);

/// How often to try meanwhile.
const AGAIN: Duration = Duration::from_millis(100);

/// How often to see whether the lock is still held.
const LOOK: Duration = Duration::from_secs(1);

/// Takes the lock, of this schema alone; the number is no other lock's.
const TAKE: &str = "SELECT pg_try_advisory_lock(701140542, hashtext(current_schema()))";

/// Takes it with other nodes, and alone the name of this one: 2 where it has both.
const TAKE_WITH_OTHERS: &str = "SELECT CASE
       WHEN NOT pg_try_advisory_lock_shared(701140542, hashtext(current_schema())) THEN 0
       WHEN NOT pg_try_advisory_lock(701140544, hashtext(current_schema() || ' ' || $1)) THEN 1
       ELSE 2 END";

/// Ends the session that holds it, where it is that run's: on a line that broke the server may not have noticed yet.
const END_SESSION: &str = "SELECT COUNT(pg_terminate_backend(held.pid)) FROM pg_locks AS held
     JOIN pg_stat_activity AS holder ON holder.pid = held.pid
     WHERE held.locktype = 'advisory' AND held.granted
       AND held.database = (SELECT oid FROM pg_database WHERE datname = current_database())
       AND held.classid::bigint = 701140542
       AND held.objid::bigint = hashtext(current_schema())::bigint & 4294967295
       AND holder.application_name = $1
       AND held.pid <> pg_backend_pid()";

/// The run that serves the records alone, or did and has not said that it ended.
pub(crate) const RUN: &str = "SELECT run FROM serves_alone";

/// Whoever that was, it is so no more.
pub(crate) const END_RUN: &str = "DELETE FROM serves_alone WHERE run = $1";

/// A run serves alone from now on, in the place of the one before.
const ENTER: &str = "INSERT INTO serves_alone (id, run) VALUES (1, $1)
     ON CONFLICT (id) DO UPDATE SET run = $1 WHERE serves_alone.run = $2";

/// Whether it is that run still.
const IS_RUN: &str = "SELECT COUNT(*) FROM serves_alone WHERE run = $1";

/// How long a run that left the lock may take to come back for it, once PostgreSQL answers: it looks every second, and
/// each look takes a few at most.
const COMING_BACK: Duration = Duration::from_secs(10);

/// How many hold it.
pub(crate) const HELD: &str = "SELECT COUNT(*) FROM pg_locks
     WHERE locktype = 'advisory' AND granted
       AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
       AND classid::bigint = 701140542
       AND objid::bigint = hashtext(current_schema())::bigint & 4294967295";

/// A machine that vanished without a word holds the lock for as long as the server believes in it:
/// half a minute.
pub(crate) const MANNERS: &str = "SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; \
                       SET tcp_keepalives_count = 4";

/// A run that left the lock without a word, and since when nobody is seen to have it.
#[derive(Debug, Default)]
pub(crate) struct Left(Option<(String, Instant)>);

impl Left {
    /// Nobody has the lock just now. Whether that run would have come back for it by now.
    pub(crate) fn is_over(&mut self, run: &str) -> bool {
        if let Some((seen, since)) = &self.0
            && seen == run
        {
            return since.elapsed() >= COMING_BACK;
        }
        tracing::info!(
            for_s = COMING_BACK.as_secs(),
            "whoever served these records last did not say that it ended: it is waited for"
        );
        self.0 = Some((run.to_owned(), Instant::now()));
        false
    }

    /// Somebody has it.
    pub(crate) fn forget(&mut self) {
        self.0 = None;
    }
}

/// As what a program has the records.
#[derive(Clone, Debug, Eq, PartialEq)]
enum As {
    /// A server on its own.
    Server,
    /// One of several nodes, of that name.
    Node(String),
    /// A command, for as long as it takes.
    Command,
}

/// What a look at the lock came to, as a program begins.
#[derive(Debug)]
enum Look {
    Taken,
    /// Nobody has it, and that run, which had it last, may come back for it.
    Left(String),
    Refused(Fault),
}

/// The same, for whoever had it.
#[derive(Debug)]
enum Again {
    Taken(PgConnection),
    /// Somebody has it for a moment, and serves nothing.
    Later,
    Lost(Fault),
}

/// The right to serve the records: as long as it is kept, no other program has it.
#[derive(Debug)]
#[must_use = "dropped, another may serve the records"]
pub struct Sole {
    options: PgConnectOptions,
    /// What its sessions are called, and no others.
    run: String,
    has_as: As,
    /// None while the server cannot be reached.
    session: Option<PgConnection>,
}

impl Store {
    /// Makes the records this program's own to serve; none with `SQLite`, whose folder is held
    /// instead. `ended` is a run that has certainly ended.
    ///
    /// # Errors
    ///
    /// [`Fault::Served`] where another program serves them.
    pub async fn serve_alone(&self, ended: Option<&str>) -> Result<Option<Sole>, Fault> {
        self.hold(As::Server, ended).await
    }

    /// Has nobody serve them while it is kept, and serves nothing itself; none with `SQLite`.
    ///
    /// # Errors
    ///
    /// [`Fault::Served`] where a program serves them.
    pub async fn keep_alone(&self) -> Result<Option<Sole>, Fault> {
        self.hold(As::Command, None).await
    }

    /// Makes the records this node's to serve, with other nodes, and its name its own. `ended` is a run that has
    /// certainly ended.
    ///
    /// # Errors
    ///
    /// [`Fault::Served`] where a program on its own serves them, [`Fault::NodeServes`] where a node of the same name
    /// does; [`Fault::Unsupported`] with `SQLite`.
    pub async fn serve_as_node(&self, name: &str, ended: Option<&str>) -> Result<Sole, Fault> {
        let held = self.hold(As::Node(name.to_owned()), ended).await?;
        held.ok_or(Fault::Unsupported(
            "several nodes need their records in PostgreSQL: set database.url",
        ))
    }

    async fn hold(&self, has_as: As, ended: Option<&str>) -> Result<Option<Sole>, Fault> {
        match self.place() {
            Place::Postgres(url) => Sole::hold(url, has_as, ended).await.map(Some),
            Place::Sqlite(_) => Ok(None),
        }
    }

    /// Whether any program serves them just now; no with `SQLite`, whose folder is held instead.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn is_served(&self) -> Result<bool, Fault> {
        match self.place() {
            Place::Postgres(_) => {
                let mut work = self.database().glance().await?;
                Ok(work.count(HELD, values![]).await? > 0)
            }
            Place::Sqlite(_) => Ok(false),
        }
    }
}

impl Sole {
    async fn hold(url: &str, has_as: As, ended: Option<&str>) -> Result<Self, Fault> {
        let run = format!("homeroom {:016x}", ambient::random::<u64>());
        let mut sole = Self {
            options: PgConnectOptions::from_str(url)?.application_name(&run),
            run,
            has_as,
            session: None,
        };
        let refused_at = Instant::now() + LETTING_GO;
        let (mut left, mut over) = (Left::default(), None);
        loop {
            match sole.begin(ended, over.as_deref()).await? {
                Look::Taken => return Ok(sole),
                Look::Left(run) => over = left.is_over(&run).then_some(run),
                Look::Refused(fault) if Instant::now() >= refused_at => return Err(fault),
                Look::Refused(_) => {
                    left.forget();
                    over = None;
                }
            }
            sleep(AGAIN).await;
        }
    }

    /// What this run is called.
    #[must_use]
    pub fn run(&self) -> &str {
        &self.run
    }

    /// Keeps it, whatever becomes of the line to the server. It ends where another program has it, and says so.
    pub async fn until_lost(&mut self) -> Fault {
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
            match in_time(self.take_again()).await {
                Ok(Again::Taken(session)) => {
                    self.session = Some(session);
                    tracing::info!("the records are this program's to serve again");
                }
                Ok(Again::Lost(fault)) => return fault,
                Ok(Again::Later) => {
                    tracing::debug!("somebody looks whether this program serves the records");
                }
                Err(error) => {
                    tracing::debug!(%error, "nobody knows who serves the records: tried again");
                }
            }
        }
    }

    /// Says that this program serves them no more: whoever comes next waits for nothing.
    pub async fn end(mut self) {
        let Some(mut session) = self.session.take() else {
            return;
        };
        let said = async {
            if self.has_as == As::Server {
                let end = sqlx::query(END_RUN).bind(&self.run);
                end.execute(&mut session).await?;
            }
            session.close().await
        };
        if let Err(error) = in_time(said).await {
            tracing::debug!(%error, "whoever serves the records next waits for this program first");
        }
    }

    async fn connect(&self) -> sqlx::Result<PgConnection> {
        let mut session = self.options.connect().await?;
        session.execute(MANNERS).await?;
        Ok(session)
    }

    /// Takes it as the program begins, where nobody else has it, or may come back for it.
    async fn begin(&mut self, ended: Option<&str>, over: Option<&str>) -> Result<Look, Fault> {
        let (look, session) = in_time(async {
            let mut session = self.connect().await?;
            if let Some(ended) = ended {
                end_session(&mut session, ended).await?;
            }
            let look = self.look(&mut session, [ended, over]).await?;
            Ok((look, session))
        })
        .await?;
        if matches!(look, Look::Taken) {
            self.session = Some(session);
        }
        Ok(look)
    }

    async fn look(
        &self,
        session: &mut PgConnection,
        over: [Option<&str>; 2],
    ) -> sqlx::Result<Look> {
        // It is looked for those who live before: one that lost its session and finds that another has the lock ends.
        if !matches!(self.has_as, As::Node(_)) {
            let living: i64 = sqlx::query_scalar(DO_NODES_LIVE)
                .fetch_one(&mut *session)
                .await?;
            if living > 0 {
                return Ok(Look::Refused(Fault::Served));
            }
        }
        let last: Option<String> = sqlx::query_scalar(RUN)
            .fetch_optional(&mut *session)
            .await?;
        if let Some(run) = &last
            && !over.contains(&Some(run))
        {
            let held: i64 = sqlx::query_scalar(HELD).fetch_one(&mut *session).await?;
            return Ok(if held == 0 {
                Look::Left(run.clone())
            } else {
                Look::Refused(Fault::Served)
            });
        }
        if let Some(fault) = self.lock(&mut *session).await? {
            return Ok(Look::Refused(fault));
        }
        let is_entered = self.enter(session, &last.unwrap_or_default()).await?;
        Ok(if is_entered {
            Look::Taken
        } else {
            Look::Refused(Fault::Served)
        })
    }

    /// Takes the lock; why not, where it cannot be had.
    async fn lock(&self, session: &mut PgConnection) -> sqlx::Result<Option<Fault>> {
        match &self.has_as {
            As::Server | As::Command => {
                let is_taken: bool = sqlx::query_scalar(TAKE).fetch_one(session).await?;
                Ok((!is_taken).then_some(Fault::Served))
            }
            As::Node(name) => {
                let take = sqlx::query_scalar(TAKE_WITH_OTHERS).bind(name);
                let taken: i32 = take.fetch_one(session).await?;
                Ok(match taken {
                    2 => None,
                    1 => Some(Fault::NodeServes { name: name.clone() }),
                    _ => Some(Fault::Served),
                })
            }
        }
    }

    /// Writes down who has the records from now on, in the place of who had them `last`; whether it was still that one.
    /// Nodes that were lost without a word are over from then on, should they ever wake.
    async fn enter(&self, session: &mut PgConnection, last: &str) -> sqlx::Result<bool> {
        let is_entered = if self.has_as == As::Server {
            let enter = sqlx::query(ENTER).bind(&self.run).bind(last);
            enter.execute(&mut *session).await?.rows_affected() == 1
        } else {
            let end = sqlx::query(END_RUN).bind(last);
            end.execute(&mut *session).await?;
            let other: Option<String> = sqlx::query_scalar(RUN)
                .fetch_optional(&mut *session)
                .await?;
            other.is_none()
        };
        if is_entered && !matches!(self.has_as, As::Node(_)) {
            session.execute(END_NODES).await?;
        }
        Ok(is_entered)
    }

    /// Takes it again, on a new session.
    async fn take_again(&self) -> sqlx::Result<Again> {
        let mut session = self.connect().await?;
        let mut refused = self.lock(&mut session).await?;
        if refused.is_some() {
            let ended = end_session(&mut session, &self.run).await?;
            let tries = Instant::now() + LETTING_GO / 2;
            while ended > 0 && refused.is_some() && Instant::now() < tries {
                sleep(AGAIN).await;
                refused = self.lock(&mut session).await?;
            }
        }
        if self.has_as != As::Server {
            return Ok(refused.map_or(Again::Taken(session), Again::Lost));
        }
        let is_run = sqlx::query_scalar(IS_RUN).bind(&self.run);
        let is_run: i64 = is_run.fetch_one(&mut session).await?;
        Ok(match refused {
            // Another has served them meanwhile.
            _ if is_run == 0 => Again::Lost(Fault::Served),
            None => Again::Taken(session),
            Some(_) => Again::Later,
        })
    }
}

/// Ends the session by which that run has the lock; how many those were.
async fn end_session(session: &mut PgConnection, run: &str) -> sqlx::Result<i64> {
    let end = sqlx::query_scalar(END_SESSION).bind(run);
    end.fetch_one(session).await
}

async fn in_time<T>(done: impl Future<Output = sqlx::Result<T>>) -> Result<T, Fault> {
    let done = timeout(PATIENCE, done).await;
    Ok(done.map_err(|_elapsed| Fault::NoAnswer)??)
}
