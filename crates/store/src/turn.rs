//! What one program does at a time, of several that share the records, however long it takes: the lock is PostgreSQL's, of
//! a session that does nothing else, and whoever is killed lets go of it at once.

use std::str::FromStr as _;

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions as _, Executor as _};
use tokio::time::timeout;

use crate::fault::Fault;
use crate::lease::PATIENCE;
use crate::sole::MANNERS;
use crate::store::{Place, Store};

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

impl Store {
    /// This program's turn at what is called so; none where it is another's.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn turn(&self, what: &str) -> Result<Option<Turn>, Fault> {
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
