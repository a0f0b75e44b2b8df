//! What several nodes share on one PostgreSQL (OPS-2): which session of a link is live, whose a meeting
//! is, who has which seat, and which nodes run. Each method is one transaction, in PostgreSQL's words:
//! it alone serves several programs.
//!
//! Locks are taken in one order, so that nobody waits in a circle: a link's, or the row of a meeting's
//! owner; then rows of nodes; then sessions; then the number of the newest session.

use std::fmt;
use std::time::Duration;

use call::{CallId, Claim, SessionId, TooSoon};
use cluster::{
    Asked, Boot, Decided, Home, Node, Owning, Press, Refused, Renewed, SessionRecord, Term, Truth,
    Unavailable,
};
use jiff::Timestamp;

use crate::database::Work;
use crate::fault::{Fault, Result};
use crate::sessions::{SessionRow, is_over, row};
use crate::store::{Place, Store};
use crate::value::{columns, values};

/// How long after a node last said that it lives others may hold it to be gone. By then it has stopped
/// all that it does, if it lives.
const GONE_AFTER: Duration = Duration::from_secs(20);

/// How many of a link's sessions a claim goes by: more than a minute's swaps, which slow it down, and more
/// than the presses that are known again.
const OF_A_LINK: i64 = 64;

/// How many sessions a run of a program on its own begins at most, as [`cluster::Alone`] counts: nodes
/// number theirs in the same blocks, so that records can go from the one to the other.
const SESSIONS_A_RUN: i64 = 1 << 30;

/// PostgreSQL's clock, in milliseconds since 1970.
macro_rules! now {
    () => {
        "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)"
    };
}

/// The records, as nodes share them.
#[derive(Clone)]
pub struct Nodes(Store);

impl fmt::Debug for Nodes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Nodes")
    }
}

columns! {
    struct NodeRow {
        boot: String,
        name: String,
        address: String,
        seen_at: Timestamp,
        now: Timestamp,
    }
}

columns! {
    struct OwnerRow {
        boot: Option<String>,
    }
}

impl NodeRow {
    fn node(self) -> std::result::Result<Node, Fault> {
        Ok(Node {
            boot: boot_of(&self.boot)?,
            name: self.name,
            address: self.address,
        })
    }
}

fn boot_of(text: &str) -> std::result::Result<Boot, Fault> {
    let number = u128::from_str_radix(text, 16);
    number
        .map(Boot)
        .map_err(|_other| Fault::Broken("a run of a node that is none"))
}

fn number_of(session: SessionId) -> i64 {
    // They are below 2^53.
    i64::try_from(session.0).unwrap_or(i64::MAX)
}

impl Store {
    /// These records, for several nodes.
    ///
    /// # Errors
    ///
    /// [`Fault::Unsupported`] with `SQLite`.
    pub fn nodes(&self) -> std::result::Result<Nodes, Fault> {
        match self.place() {
            Place::Postgres(_) => Ok(Nodes(self.clone())),
            Place::Sqlite(_) => Err(Fault::Unsupported(
                "several nodes need their records in PostgreSQL: set database.url",
            )),
        }
    }
}

impl Nodes {
    async fn renew(&self, node: Node) -> Result<Renewed> {
        let mut work = self.0.database().write().await?;
        let boot = node.boot.to_string();
        let renewed = work
            .run(
                concat!(
                    "INSERT INTO nodes (boot, name, address, seen_at, is_gone) VALUES ($1, $2, $3, ",
                    now!(),
                    ", 0) ON CONFLICT (boot) DO UPDATE SET seen_at = excluded.seen_at
                     WHERE nodes.is_gone = 0"
                ),
                values![boot.as_str(), node.name.as_str(), node.address.as_str()],
            )
            .await?;
        // Whoever has the name has it alone: earlier runs are over.
        work.run(
            "UPDATE nodes SET is_gone = 1 WHERE name = $2 AND boot <> $1 AND is_gone = 0",
            values![boot.as_str(), node.name.as_str()],
        )
        .await?;
        let rows: Vec<NodeRow> = work
            .rows(
                concat!(
                    "SELECT boot, name, address, seen_at, ",
                    now!(),
                    " AS now FROM nodes WHERE is_gone = 0 AND seen_at > ",
                    now!(),
                    " - $1 OR boot = $2 ORDER BY name"
                ),
                values![gone_after(), boot],
            )
            .await?;
        work.commit_unsynced().await?;
        let now = rows.first().map(|it| it.now);
        let nodes = rows.into_iter().map(NodeRow::node);
        Ok(Renewed {
            now: now.ok_or(Fault::Broken("no row of a node that was just written"))?,
            is_gone: renewed == 0,
            nodes: nodes.collect::<std::result::Result<_, _>>()?,
        })
    }

    /// Whoever is held to be gone is so for all that it writes from now on: this waits for what it is just
    /// writing, and what it writes next waits for this.
    async fn hold_gone(&self, boot: Boot) -> Result<()> {
        let mut work = self.0.database().write().await?;
        work.run(
            "UPDATE nodes SET is_gone = 1 WHERE boot = $1",
            values![boot.to_string()],
        )
        .await?;
        Ok(work.commit_unsynced().await?)
    }

    async fn end(&self, boot: Boot) -> Result<()> {
        let mut work = self.0.database().write().await?;
        work.run(
            "UPDATE nodes SET is_gone = 1 WHERE boot = $1",
            values![boot.to_string()],
        )
        .await?;
        work.run(
            "UPDATE owners SET boot = NULL WHERE boot = $1",
            values![boot.to_string()],
        )
        .await?;
        Ok(work.commit_unsynced().await?)
    }

    /// All that a claim goes by, the oldest first.
    async fn of_link(
        &self,
        work: &mut Work,
        press: Press,
    ) -> std::result::Result<Vec<SessionRecord>, Fault> {
        let Some(link) = links::LinkId::from_number(press.link.0) else {
            return Err(Fault::Broken("a wrong link"));
        };
        let sql = "SELECT id, link, meeting, attempt, shown, sent, seat, place, parting, over_at
                   FROM sessions WHERE link = $2 AND school = $1 ORDER BY id DESC LIMIT $3";
        let values = values![self.0.school, link, OF_A_LINK];
        let rows: Vec<SessionRow> = work.rows(sql, values).await?;
        rows.iter().rev().map(SessionRow::record).collect()
    }

    async fn claim(
        &self,
        press: Press,
        now: Timestamp,
    ) -> Result<std::result::Result<Decided, TooSoon>> {
        let mut work = self.0.database().write().await?;
        // The first number is no other lock's.
        work.one(
            "SELECT pg_advisory_xact_lock(701140543, hashtext($1))",
            values![format!("{} {}", self.0.school.0, press.link.0)],
        )
        .await?;
        let kept = self.of_link(&mut work, press).await?;
        // Only a new session takes a number: for that one row all nodes wait.
        let foreseen = cluster::decide(&kept, press, u64::MAX, now);
        if !matches!(&foreseen, Ok(it) if matches!(it.claim, Claim::New { .. })) {
            return Ok(foreseen);
        }
        if let Ok(Decided {
            replaced: Some(replaced),
            ..
        }) = &foreseen
        {
            let sql = "UPDATE sessions SET parting = 'replaced', over_at = $3
                       WHERE id = $2 AND school = $1";
            let values = values![self.0.school, number_of(replaced.session), now];
            work.run(sql, values).await?;
        }
        let number = self.next_number(&mut work).await?;
        let decided = cluster::decide(&kept, press, number, now);
        let Ok(Decided {
            live: Some(live), ..
        }) = &decided
        else {
            return Err(Fault::Broken("a wrong link").into());
        };
        let sql =
            "INSERT INTO sessions (school, id, link, meeting, attempt, shown, sent, seat, place)
             SELECT $1, CAST(value ->> 0 AS BIGINT), CAST(value ->> 1 AS BIGINT),
               CAST(value ->> 2 AS BIGINT), value ->> 3, CAST(value ->> 4 AS BIGINT),
               CAST(value ->> 5 AS BIGINT), CAST(value ->> 6 AS BIGINT), CAST(value ->> 7 AS BIGINT)
             FROM (SELECT CAST($2 AS JSON) AS value) AS new";
        let values = values![self.0.school, row(live).to_string()];
        work.run(sql, values).await?;
        // It outlives this program: it need not outlive a power cut.
        work.commit_unsynced().await?;
        Ok(decided)
    }

    /// A number above those of all sessions there were.
    async fn next_number(&self, work: &mut Work) -> std::result::Result<u64, Fault> {
        let row = work
            .one(
                "INSERT INTO session_numbers (school, newest)
                 SELECT $1, (GREATEST(COALESCE(MAX(count), 0), 1) - 1) * $2 + 1 FROM runs
                   WHERE school = $1
                 ON CONFLICT (school) DO UPDATE
                 SET newest = GREATEST(session_numbers.newest + 1, excluded.newest)
                 RETURNING newest",
                values![self.0.school, SESSIONS_A_RUN],
            )
            .await?;
        let newest: i64 = row.ok_or(Fault::Broken("no number of a session"))?.get(0)?;
        u64::try_from(newest).map_err(|_negative| Fault::Broken("a wrong number"))
    }

    async fn check(
        &self,
        press: Press,
        now: Timestamp,
    ) -> Result<std::result::Result<(), TooSoon>> {
        let mut work = self.0.database().glance().await?;
        let kept = self.of_link(&mut work, press).await?;
        Ok(cluster::check(&kept, press, now))
    }

    async fn session(&self, session: SessionId) -> Result<Option<(SessionRecord, bool)>> {
        let mut work = self.0.database().read().await?;
        let sql = "SELECT id, link, meeting, attempt, shown, sent, seat, place, parting, over_at
                   FROM sessions WHERE id = $2 AND school = $1";
        let values = values![self.0.school, number_of(session)];
        let Some(found) = work.row::<SessionRow>(sql, values).await? else {
            return Ok(None);
        };
        let record = found.record()?;
        let newer = "SELECT COUNT(*) FROM sessions
                     WHERE link = $2 AND school = $1 AND id > $3 AND parting IS NULL";
        let values = values![self.0.school, record.link, number_of(session)];
        let is_replaced = work.count(newer, values).await? > 0;
        Ok(Some((record, is_replaced)))
    }

    /// Whose a meeting is, its row held until this transaction ends.
    async fn owner(
        &self,
        work: &mut Work,
        call: CallId,
    ) -> std::result::Result<Option<OwnerRow>, Fault> {
        work.run(
            "INSERT INTO owners (school, meeting, term) VALUES ($1, $2, 0) ON CONFLICT DO NOTHING",
            values![self.0.school, school::MeetingId(call.0)],
        )
        .await?;
        work.row(
            "SELECT boot FROM owners WHERE meeting = $2 AND school = $1 FOR UPDATE",
            values![self.0.school, school::MeetingId(call.0)],
        )
        .await
    }

    async fn own(&self, call: CallId, boot: Boot) -> Result<Owning> {
        let mut work = self.0.database().write().await?;
        let mine = boot.to_string();
        let owner = self.owner(&mut work, call).await?;
        let before = owner.and_then(|it| it.boot).filter(|it| *it != mine);
        if let Some(before) = before {
            let lives: Option<NodeRow> = work
                .row(
                    concat!(
                        "SELECT boot, name, address, seen_at, ",
                        now!(),
                        " AS now FROM nodes WHERE boot = $1 AND is_gone = 0"
                    ),
                    values![before.as_str()],
                )
                .await?;
            if let Some(it) = lives {
                let silence = it.now.as_millisecond() - it.seen_at.as_millisecond();
                return Ok(if silence >= gone_after() {
                    Owning::Silent(boot_of(&before)?)
                } else {
                    Owning::Elsewhere
                });
            }
        }
        // A run that is held to be gone itself owns nothing.
        let row = work
            .one(
                "UPDATE owners SET term = term + 1, boot = $3 WHERE meeting = $2 AND school = $1
                   AND EXISTS (SELECT 1 FROM nodes WHERE nodes.boot = $3 AND is_gone = 0)
                 RETURNING term",
                values![self.0.school, school::MeetingId(call.0), mine],
            )
            .await?;
        let Some(row) = row else {
            return Ok(Owning::Elsewhere);
        };
        let term: i64 = row.get(0)?;
        let sql = "SELECT id, link, meeting, attempt, shown, sent, seat, place, parting, over_at
                   FROM sessions WHERE meeting = $2 AND school = $1 AND parting IS NULL
                     AND (seat IS NOT NULL OR place IS NOT NULL) ORDER BY id";
        let values = values![self.0.school, school::MeetingId(call.0)];
        let rows: Vec<SessionRow> = work.rows(sql, values).await?;
        let seats = rows.iter().map(SessionRow::record);
        let seats = seats.collect::<std::result::Result<_, _>>()?;
        work.commit_unsynced().await?;
        let term = u64::try_from(term).map_err(|_negative| Fault::Broken("a wrong number"))?;
        Ok(Owning::Owned((Term(term), seats)))
    }

    async fn home(&self, call: CallId) -> Result<Home> {
        let mut work = self.0.database().glance().await?;
        let row: Option<NodeRow> = work
            .row(
                concat!(
                    "SELECT nodes.boot, name, address, seen_at, ",
                    now!(),
                    " AS now FROM owners JOIN nodes ON nodes.boot = owners.boot
                     WHERE meeting = $2 AND school = $1 AND is_gone = 0"
                ),
                values![self.0.school, school::MeetingId(call.0)],
            )
            .await?;
        Ok(match row {
            Some(row) => Home::At(row.node()?),
            None => Home::Nobody,
        })
    }

    async fn keep(&self, boot: Boot, records: Vec<SessionRecord>) -> Result<Vec<Refused>> {
        let mut work = self.0.database().write().await?;
        // Whoever holds this run to be gone waits until this is written, or this waits and writes nothing.
        let lives = "SELECT boot, name, address, seen_at, seen_at AS now FROM nodes
                     WHERE boot = $1 AND is_gone = 0 FOR SHARE";
        let lives: Option<NodeRow> = work.row(lives, values![boot.to_string()]).await?;
        let mut kept = Vec::new();
        if lives.is_some() {
            // First those that are over: they hold no link and no seat any more.
            for are_over in [true, false] {
                let rows = records.iter().filter(|it| is_over(it) == are_over);
                let rows: Vec<_> = rows.map(row).collect();
                if rows.is_empty() {
                    continue;
                }
                let rows = serde_json::Value::Array(rows).to_string();
                let sql = "UPDATE sessions SET shown = new.shown, sent = new.sent, seat = new.seat,
                       place = new.place, parting = new.parting, over_at = new.over_at
                     FROM (SELECT CAST(value ->> 0 AS BIGINT) AS id,
                         CAST(value ->> 4 AS BIGINT) AS shown, CAST(value ->> 5 AS BIGINT) AS sent,
                         CAST(value ->> 6 AS BIGINT) AS seat, CAST(value ->> 7 AS BIGINT) AS place,
                         value ->> 8 AS parting, CAST(value ->> 9 AS BIGINT) AS over_at
                       FROM json_array_elements(CAST($2 AS JSON))) AS new
                     WHERE sessions.id = new.id AND sessions.school = $1 AND sessions.parting IS NULL
                       AND NOT EXISTS (SELECT 1 FROM owners WHERE owners.meeting = sessions.meeting
                         AND owners.school = sessions.school AND owners.boot <> $3)
                     RETURNING sessions.id";
                let values = values![self.0.school, rows, boot.to_string()];
                for row in work.all(sql, values).await? {
                    kept.push(row.get::<i64>(0)?);
                }
            }
        }
        let mut refused = Vec::new();
        for it in &records {
            if !kept.contains(&number_of(it.session)) {
                refused.push(it.session);
            }
        }
        let refused = self.stand(&mut work, &refused).await?;
        work.commit_unsynced().await?;
        Ok(refused)
    }

    /// How these stand.
    async fn stand(
        &self,
        work: &mut Work,
        sessions: &[SessionId],
    ) -> std::result::Result<Vec<Refused>, Fault> {
        if sessions.is_empty() {
            return Ok(Vec::new());
        }
        let sql = "SELECT id, link, meeting, attempt, shown, sent, seat, place, parting, over_at
                   FROM sessions WHERE school = $1
                     AND id IN (SELECT CAST(value AS BIGINT)
                       FROM json_array_elements_text(CAST($2 AS JSON)))";
        let ids = crate::value::list(sessions.iter().map(|it| it.0));
        let rows: Vec<SessionRow> = work.rows(sql, values![self.0.school, ids]).await?;
        let stand = rows.iter().map(SessionRow::record);
        let stand = stand.collect::<std::result::Result<Vec<_>, _>>()?;
        let refused = sessions.iter().map(|session| Refused {
            session: *session,
            stands: stand.iter().find(|it| it.session == *session).copied(),
        });
        Ok(refused.collect())
    }

    async fn over(&self, sessions: Vec<SessionId>) -> Result<Vec<SessionRecord>> {
        let mut work = self.0.database().glance().await?;
        let sql = "SELECT id, link, meeting, attempt, shown, sent, seat, place, parting, over_at
                   FROM sessions WHERE school = $1 AND parting IS NOT NULL
                     AND id IN (SELECT CAST(value AS BIGINT)
                       FROM json_array_elements_text(CAST($2 AS JSON)))";
        let ids = crate::value::list(sessions.iter().map(|it| it.0));
        let rows: Vec<SessionRow> = work.rows(sql, values![self.0.school, ids]).await?;
        let over = rows.iter().map(SessionRow::record);
        Ok(over.collect::<std::result::Result<_, _>>()?)
    }

    async fn leave(&self, call: CallId, boot: Boot, term: Term) -> Result<()> {
        let mut work = self.0.database().write().await?;
        let term = i64::try_from(term.0).unwrap_or(i64::MAX);
        work.run(
            "UPDATE owners SET boot = NULL
             WHERE meeting = $2 AND school = $1 AND boot = $3 AND term = $4",
            values![
                self.0.school,
                school::MeetingId(call.0),
                boot.to_string(),
                term
            ],
        )
        .await?;
        Ok(work.commit_unsynced().await?)
    }
}

fn gone_after() -> i64 {
    i64::try_from(GONE_AFTER.as_millis()).unwrap_or(i64::MAX)
}

/// What the records answer, as the nodes' port has it.
fn asked<T>(answer: Result<T>) -> std::result::Result<T, Unavailable> {
    answer.map_err(|error| Unavailable(Box::new(error)))
}

impl Truth for Nodes {
    fn renew(&self, node: Node) -> Asked<'_, Renewed> {
        Box::pin(async move { asked(self.renew(node).await) })
    }

    fn end(&self, boot: Boot) -> Asked<'_, ()> {
        Box::pin(async move { asked(self.end(boot).await) })
    }

    fn claim(
        &self,
        press: Press,
        now: Timestamp,
    ) -> Asked<'_, std::result::Result<Decided, TooSoon>> {
        Box::pin(async move { asked(self.claim(press, now).await) })
    }

    fn check(&self, press: Press, now: Timestamp) -> Asked<'_, std::result::Result<(), TooSoon>> {
        Box::pin(async move { asked(self.check(press, now).await) })
    }

    fn session(&self, session: SessionId) -> Asked<'_, Option<(SessionRecord, bool)>> {
        Box::pin(async move { asked(self.session(session).await) })
    }

    fn hold_gone(&self, boot: Boot) -> Asked<'_, ()> {
        Box::pin(async move { asked(self.hold_gone(boot).await) })
    }

    fn own(&self, call: CallId, boot: Boot) -> Asked<'_, Owning> {
        Box::pin(async move { asked(self.own(call, boot).await) })
    }

    fn home(&self, call: CallId) -> Asked<'_, Home> {
        Box::pin(async move { asked(self.home(call).await) })
    }

    fn keep(&self, boot: Boot, records: Vec<SessionRecord>) -> Asked<'_, Vec<Refused>> {
        Box::pin(async move { asked(self.keep(boot, records).await) })
    }

    fn over(&self, sessions: Vec<SessionId>) -> Asked<'_, Vec<SessionRecord>> {
        Box::pin(async move { asked(self.over(sessions).await) })
    }

    fn leave(&self, call: CallId, boot: Boot, term: Term) -> Asked<'_, ()> {
        Box::pin(async move { asked(self.leave(call, boot, term).await) })
    }
}
