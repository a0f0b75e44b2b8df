//! A press becomes a session of its link: under a lock of that link, by all that is kept of it.

use call::{CallId, Claim, TooSoon};
use cluster::{Boot, Decided, Press, SessionRecord, Unclaimed};
use jiff::Timestamp;

use super::{Nodes, OwnerRow, lives, number_of};
use crate::database::Work;
use crate::fault::{Fault, Result};
use crate::sessions::{SessionRow, row};
use crate::value::values;

/// How many of a link's sessions a claim goes by: more than a minute's swaps, which slow it down, and more
/// than the presses that are known again.
const OF_A_LINK: i64 = 64;

/// How many sessions a run of a program on its own begins at most, as [`cluster::Alone`] counts: nodes
/// number theirs in the same blocks, so that records can go from the one to the other.
const SESSIONS_A_RUN: i64 = 1 << 30;

impl Nodes {
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
        let values = values![self.store.school, link, OF_A_LINK];
        let rows: Vec<SessionRow> = work.rows(sql, values).await?;
        rows.iter().rev().map(SessionRow::record).collect()
    }

    /// Whether what a run claims at a meeting counts: it lives, and no other has the meeting. Whoever is to take it
    /// waits until this transaction ends.
    async fn may_claim(
        &self,
        work: &mut Work,
        call: CallId,
        boot: &str,
    ) -> std::result::Result<bool, Fault> {
        if !lives(work, boot).await? {
            return Ok(false);
        }
        let sql = "SELECT boot FROM owners WHERE meeting = $2 AND school = $1 FOR SHARE";
        let values = values![self.store.school, school::MeetingId(call.0)];
        let owner: Option<OwnerRow> = work.row(sql, values).await?;
        let owner = owner.and_then(|it| it.boot);
        Ok(owner.is_none_or(|it| it == boot))
    }

    pub(super) async fn claim(
        &self,
        press: Press,
        boot: Boot,
        now: Timestamp,
    ) -> Result<std::result::Result<Decided, Unclaimed>> {
        let mut work = self.write().await?;
        let mine = boot.to_string();
        // The first number is no other lock's.
        work.one(
            "SELECT pg_advisory_xact_lock(701140543, hashtext($1))",
            values![format!("{} {}", self.store.school.0, press.link.0)],
        )
        .await?;
        if !self.may_claim(&mut work, press.call, &mine).await? {
            return Ok(Err(Unclaimed::Elsewhere));
        }
        // What its owner is just writing of the live one is waited for, and what it writes next waits.
        let live = "SELECT id FROM sessions
                    WHERE link = $2 AND school = $1 AND parting IS NULL FOR UPDATE";
        let link = i64::try_from(press.link.0).unwrap_or(i64::MAX);
        work.all(live, values![self.store.school, link]).await?;
        let kept = self.of_link(&mut work, press).await?;
        // Only a new session takes a number: for that one row all nodes wait.
        let foreseen = match cluster::decide(&kept, press, u64::MAX, now) {
            Ok(foreseen) => foreseen,
            Err(too_soon) => return Ok(Err(Unclaimed::TooSoon(too_soon))),
        };
        match foreseen.claim {
            Claim::New { .. } => {}
            Claim::Again { session, .. } => {
                let sql = "UPDATE sessions SET boot = $3
                           WHERE id = $2 AND school = $1 AND boot IS DISTINCT FROM $3";
                let values = values![self.store.school, number_of(session), mine];
                work.run(sql, values).await?;
                work.commit().await?;
                return Ok(Ok(foreseen));
            }
            Claim::Over(_) => return Ok(Ok(foreseen)),
        }
        if let Some(replaced) = &foreseen.replaced {
            let sql = "UPDATE sessions SET parting = 'replaced', over_at = $3
                       WHERE id = $2 AND school = $1 AND parting IS NULL";
            let values = values![self.store.school, number_of(replaced.session), now];
            if work.run(sql, values).await? != 1 {
                return Err(Fault::Broken("two live sessions of one link").into());
            }
        }
        let Some(live) = &foreseen.live else {
            return Err(Fault::Broken("a wrong link").into());
        };
        let number = self.insert(&mut work, live, &mine).await?;
        let decided = cluster::decide(&kept, press, number, now)
            .map_err(|_was_not_before| Fault::Broken("a press that is refused by its number"))?;
        work.commit().await?;
        Ok(Ok(decided))
    }

    /// A new session, which is that run's to write, by a number above those of all sessions there were. All nodes wait
    /// for the row of that number until the session is committed, so it is counted in the same statement, the last one.
    async fn insert(
        &self,
        work: &mut Work,
        new: &SessionRecord,
        boot: &str,
    ) -> std::result::Result<u64, Fault> {
        let sql = "WITH number AS (
               INSERT INTO session_numbers (school, newest)
               SELECT $1, (GREATEST(COALESCE(MAX(count), 0), 1) - 1) * $4 + 1 FROM runs
                 WHERE school = $1
               ON CONFLICT (school) DO UPDATE
               SET newest = GREATEST(session_numbers.newest + 1, excluded.newest)
               RETURNING newest)
             INSERT INTO sessions (school, id, link, meeting, attempt, shown, sent, seat, place, boot)
             SELECT $1, number.newest, CAST(value ->> 1 AS BIGINT),
               CAST(value ->> 2 AS BIGINT), value ->> 3, CAST(value ->> 4 AS BIGINT),
               CAST(value ->> 5 AS BIGINT), CAST(value ->> 6 AS BIGINT), CAST(value ->> 7 AS BIGINT), $3
             FROM number, (SELECT CAST($2 AS JSON) AS value) AS new
             RETURNING id";
        let new = row(new).to_string();
        let row = work.one(sql, values![self.store.school, new, boot, SESSIONS_A_RUN]);
        let newest: i64 = row
            .await?
            .ok_or(Fault::Broken("no number of a session"))?
            .get(0)?;
        u64::try_from(newest).map_err(|_negative| Fault::Broken("a wrong number"))
    }

    pub(super) async fn check(
        &self,
        press: Press,
        now: Timestamp,
    ) -> Result<std::result::Result<(), TooSoon>> {
        let mut work = self.store.database().glance().await?;
        let kept = self.of_link(&mut work, press).await?;
        Ok(cluster::check(&kept, press, now))
    }
}
