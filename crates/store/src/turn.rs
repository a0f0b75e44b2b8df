//! What one program does at a time, of several that share the records. However long it takes: the lock is PostgreSQL's, of
//! a session that does nothing else, and whoever is killed lets go of it at once. Or for a moment, as a form is saved: the
//! lock is of a transaction, which PostgreSQL ends where a program stands still in it.

use std::str::FromStr as _;

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions as _, Executor as _};
use tokio::time::timeout;

use crate::database::Work;
use crate::fault::{Fault, Result};
use crate::lease::PATIENCE;
use crate::sole::MANNERS;
use crate::store::{Place, Store};
use crate::value::values;

/// Takes the lock, of this schema and that name alone; the number is no other lock's.
const TAKE: &str =
    "SELECT pg_try_advisory_lock(701140545, hashtext(current_schema() || ' ' || $1))";

/// It is this program's turn, for as long as this is there.
#[derive(Debug)]
#[must_use = "dropped, it is anybody's"]
pub struct Turn {
    /// What holds it; nothing where one program alone has the records.
    _session: Option<PgConnection>,
}

/// A form is saved: no other one of the school is, at any node, for as long as this is there.
#[derive(Debug)]
#[must_use = "dropped, others save theirs"]
pub struct Saving {
    /// What holds it; nothing where one program alone has the records.
    _work: Option<Work>,
}

impl Store {
    /// Waits until no form of the school is saved by another program. One program asks for itself one at a time, or its
    /// connections wait for each other.
    ///
    /// # Errors
    ///
    /// A fault of the database, as where others take longer than a statement may.
    pub async fn saving(&self) -> Result<Saving> {
        if let Place::Sqlite(_) = self.place() {
            return Ok(Saving { _work: None });
        }
        let mut work = self.database().write().await?;
        // The number is no other lock's.
        let take =
            "SELECT pg_advisory_xact_lock(701140547, hashtext(current_schema() || ' ' || $1))";
        work.one(take, values![self.school.0.to_string()]).await?;
        Ok(Saving { _work: Some(work) })
    }

    /// This program's turn at what is called so; none where it is another's.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn turn(&self, what: &str) -> std::result::Result<Option<Turn>, Fault> {
        let url = match self.place() {
            Place::Postgres(url) => url,
            Place::Sqlite(_) => return Ok(Some(Turn { _session: None })),
        };
        let options = PgConnectOptions::from_str(url)?;
        let taken = async {
            let mut session = options.connect().await?;
            session.execute(MANNERS).await?;
            let take = sqlx::query_scalar(TAKE).bind(what);
            let is_taken: bool = take.fetch_one(&mut session).await?;
            Ok::<_, sqlx::Error>(is_taken.then_some(session))
        };
        let session = timeout(PATIENCE, taken)
            .await
            .map_err(|_elapsed| Fault::NoAnswer)??;
        Ok(session.map(|it| Turn { _session: Some(it) }))
    }
}
