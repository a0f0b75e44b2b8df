//! Which meetings a node has, and who has a seat or a place in them, as the records have it and as the node says.

use call::{CallId, SessionId};
use cluster::{Placed, Said, SessionRecord, Term};

use super::{Nodes, number_of};
use crate::database::Work;
use crate::fault::Fault;
use crate::sessions::SessionRow;
use crate::value::{columns, values};

columns! {
    struct OwnRow {
        meeting: school::MeetingId,
        term: i64,
    }
}

impl Nodes {
    /// The meetings that are its own, and that it did not say.
    pub(super) async fn unsaid(
        &self,
        work: &mut Work,
        boot: &str,
        said: &Said,
    ) -> Result<Vec<(CallId, Term)>, Fault> {
        let sql = "SELECT meeting, term FROM owners WHERE school = $1 AND boot = $3
                     AND meeting NOT IN (SELECT CAST(value AS BIGINT)
                       FROM json_array_elements_text(CAST($2 AS JSON)))";
        let owned = crate::value::list(said.owned.iter().map(|(call, _)| call.0));
        let values = values![self.store.school, owned, boot];
        let rows: Vec<OwnRow> = work.rows(sql, values).await?;
        let own = rows.iter().map(|it| {
            let term = u64::try_from(it.term);
            let term = term.map_err(|_negative| Fault::Broken("a wrong number"))?;
            Ok((CallId(it.meeting.0), Term(term)))
        });
        own.collect()
    }

    /// Who has a seat or a place in its meetings, and is none of those it said.
    pub(super) async fn strangers(
        &self,
        work: &mut Work,
        said: &Said,
    ) -> Result<Vec<SessionRecord>, Fault> {
        let sql = "SELECT id, link, meeting, attempt, shown, sent, seat, place, parting, over_at
                   FROM sessions WHERE school = $1 AND parting IS NULL
                     AND (seat IS NOT NULL OR place IS NOT NULL)
                     AND meeting IN (SELECT CAST(value AS BIGINT)
                       FROM json_array_elements_text(CAST($2 AS JSON)))
                     AND id NOT IN (SELECT CAST(value AS BIGINT)
                       FROM json_array_elements_text(CAST($3 AS JSON)))";
        let owned = crate::value::list(said.owned.iter().map(|(call, _)| call.0));
        let placed = crate::value::list(said.placed.iter().map(|it| it.session.0));
        let values = values![self.store.school, owned, placed];
        let rows: Vec<SessionRow> = work.rows(sql, values).await?;
        rows.iter().map(SessionRow::record).collect()
    }

    /// Those of these sessions that are over, and all others that are and were that run's to write, until it has let go of
    /// them.
    pub(super) async fn over(
        &self,
        work: &mut Work,
        boot: &str,
        sessions: &[Placed],
    ) -> Result<Vec<SessionRecord>, Fault> {
        let sql = "SELECT id, link, meeting, attempt, shown, sent, seat, place, parting, over_at
                   FROM sessions WHERE school = $1 AND parting IS NOT NULL
                     AND (boot = $3 OR id IN (SELECT CAST(value AS BIGINT)
                       FROM json_array_elements_text(CAST($2 AS JSON))))";
        let ids = crate::value::list(sessions.iter().map(|it| it.session.0));
        let values = values![self.store.school, ids, boot];
        let rows: Vec<SessionRow> = work.rows(sql, values).await?;
        rows.iter().map(SessionRow::record).collect()
    }

    /// A run has let go of these, which are over. What somebody else is just writing of one is not waited for: it is said
    /// again.
    pub(super) async fn let_go_of(
        &self,
        work: &mut Work,
        boot: &str,
        sessions: &[SessionId],
    ) -> Result<(), Fault> {
        if sessions.is_empty() {
            return Ok(());
        }
        let sql = "UPDATE sessions SET boot = NULL WHERE school = $1 AND id IN (
                     SELECT id FROM sessions WHERE school = $1 AND boot = $3 AND parting IS NOT NULL
                       AND id IN (SELECT CAST(value AS BIGINT)
                         FROM json_array_elements_text(CAST($2 AS JSON)))
                     FOR UPDATE SKIP LOCKED)";
        let ids = crate::value::list(sessions.iter().map(|it| it.0));
        let values = values![self.store.school, ids, boot];
        work.run(sql, values).await.map(drop)
    }

    /// Those of these sessions that have no row: their number is nobody's, or was given to another press since.
    pub(super) async fn unknown(
        &self,
        work: &mut Work,
        sessions: &[Placed],
    ) -> Result<Vec<SessionId>, Fault> {
        let said = sessions.iter().map(|it| {
            let attempt = links::AttemptId(it.attempt.0).to_string();
            serde_json::json!([it.session.0, it.link.0, attempt])
        });
        let said = serde_json::Value::Array(said.collect()).to_string();
        let sql = "SELECT said.id FROM (SELECT CAST(value ->> 0 AS BIGINT) AS id,
                 CAST(value ->> 1 AS BIGINT) AS link, value ->> 2 AS attempt
               FROM json_array_elements(CAST($2 AS JSON))) AS said
             WHERE NOT EXISTS (SELECT 1 FROM sessions
               WHERE sessions.id = said.id AND sessions.school = $1
                 AND sessions.link = said.link AND sessions.attempt = said.attempt)";
        let rows = work.all(sql, values![self.store.school, said]).await?;
        let ids = rows.iter().map(|row| row.get::<i64>(0));
        let ids = ids.collect::<Result<Vec<_>, _>>()?;
        let unknown = sessions.iter().map(|it| it.session);
        let unknown: Vec<_> = unknown.filter(|it| ids.contains(&number_of(*it))).collect();
        self.number_above(work, &unknown).await?;
        Ok(unknown)
    }

    /// New sessions have numbers above those of which there is no row any more: a link's numbers only rise, also where
    /// the records have lost what was written last.
    pub(super) async fn number_above(
        &self,
        work: &mut Work,
        sessions: &[SessionId],
    ) -> Result<(), Fault> {
        let Some(newest) = sessions.iter().max() else {
            return Ok(());
        };
        let sql = "INSERT INTO session_numbers (school, newest) VALUES ($1, $2)
             ON CONFLICT (school) DO UPDATE
             SET newest = GREATEST(session_numbers.newest, excluded.newest)";
        // Their meetings hear of the next number as of one that is newer.
        let values = values![self.store.school, number_of(*newest) + 1];
        work.run(sql, values).await.map(drop)
    }
}
