//! Who is in which meeting (SESS-8): written beside the calls, read when the program begins.
//!
//! What is written is what was so at one moment, whole. It does not wait for the disk: it is to
//! outlive the program, and after a power cut nobody waits in a call.

use call::{Parting, SeatNumber, SessionId};
use cluster::{SessionRecord, Whereabouts};
use jiff::{SignedDuration, Timestamp};
use links::{LinkId, ResumeSecrets};
use school::MeetingId;

use crate::fault::{Fault, Read, Result};
use crate::store::Store;
use crate::value::{columns, each, values};

/// The place of whoever has a seat and is on hold: they wait, and nobody is before them.
const ON_HOLD: u32 = 0;

columns! {
    pub(crate) struct SessionRow {
        id: i64,
        link: LinkId,
        meeting: MeetingId,
        attempt: String,
        shown: u32,
        sent: u32,
        seat: Option<u32>,
        place: Option<u32>,
        parting: Option<String>,
        over_at: Option<Timestamp>,
    }
}

impl SessionRow {
    pub(crate) fn record(&self) -> Read<SessionRecord> {
        let broken = || Fault::Broken("a session that is none");
        let (Ok(session), Ok(attempt)) = (u64::try_from(self.id), self.attempt.parse()) else {
            return Err(broken());
        };
        let whereabouts = match (self.seat, self.place, &self.parting, self.over_at) {
            (_, _, Some(word), Some(since)) => {
                let why = Parting::ALL.into_iter().find(|it| it.word() == word);
                let why = why.ok_or_else(broken)?;
                Whereabouts::Over { why, since }
            }
            (Some(seat), place, None, None) => {
                let seat = SeatNumber(u8::try_from(seat).map_err(|_large| broken())?);
                match place {
                    None => Whereabouts::Seated(seat),
                    Some(ON_HOLD) => Whereabouts::OnHold(seat),
                    Some(_) => return Err(broken()),
                }
            }
            (None, Some(place), None, None) => Whereabouts::Waiting(place),
            (None, None, None, None) => Whereabouts::Coming,
            (_, _, Some(_), None) | (_, _, None, Some(_)) => return Err(broken()),
        };
        Ok(SessionRecord {
            session: SessionId(session),
            link: self.link,
            meeting: self.meeting,
            attempt,
            secrets: ResumeSecrets::of_numbers(self.shown, self.sent),
            whereabouts,
        })
    }
}

/// The row of a session, as a part of the JSON array that a statement is given.
pub(crate) fn row(it: &SessionRecord) -> serde_json::Value {
    let (shown, sent) = it.secrets.numbers();
    let (seat, place, parting, over_at) = match it.whereabouts {
        Whereabouts::Coming => (None, None, None, None),
        Whereabouts::Seated(seat) => (Some(seat.0), None, None, None),
        Whereabouts::OnHold(seat) => (Some(seat.0), Some(ON_HOLD), None, None),
        Whereabouts::Waiting(place) => (None, Some(place), None, None),
        Whereabouts::Over { why, since } => {
            (None, None, Some(why.word()), Some(since.as_millisecond()))
        }
    };
    serde_json::json!([
        it.session.0,
        it.link.number(),
        it.meeting.0,
        it.attempt.to_string(),
        shown,
        sent,
        seat,
        place,
        parting,
        over_at
    ])
}

pub(crate) const fn is_over(it: &SessionRecord) -> bool {
    matches!(it.whereabouts, Whereabouts::Over { .. })
}

impl Store {
    /// The program begins: how often it has, this time included.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn begin_run(&self) -> Result<u64> {
        let mut work = self.write().await?;
        let row = work
            .one(
                "INSERT INTO runs (school, count) VALUES ($1, 1)
                 ON CONFLICT (school) DO UPDATE SET count = runs.count + 1 RETURNING count",
                values![self.school],
            )
            .await?;
        let count: i64 = row.ok_or(Fault::Broken("no count of runs"))?.get(0)?;
        work.commit().await?;
        u64::try_from(count).map_err(|_negative| Fault::Broken("a wrong number").into())
    }

    /// All sessions that are kept, in their order.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn sessions(&self) -> Result<Vec<SessionRecord>> {
        let mut work = self.glance().await?;
        let sql = "SELECT id, link, meeting, attempt, shown, sent, seat, place, parting, over_at
                   FROM sessions WHERE school = $1 ORDER BY id";
        let rows: Vec<SessionRow> = work.rows(sql, values![self.school]).await?;
        Ok(rows
            .iter()
            .map(SessionRow::record)
            .collect::<Read<Vec<_>>>()?)
    }

    /// Keeps these as they are now, all or none.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn keep_sessions(&self, records: &[SessionRecord]) -> Result<()> {
        if records.is_empty() {
            return Ok(());
        }
        let mut work = self.database().write().await?;
        // First those that are over: they hold no link and no seat any more.
        for are_over in [true, false] {
            let rows = records.iter().filter(|it| is_over(it) == are_over);
            let rows: Vec<_> = rows.map(row).collect();
            if rows.is_empty() {
                continue;
            }
            let rows = serde_json::Value::Array(rows).to_string();
            let sql = each!(
                work,
                "INSERT INTO sessions (school, id, link, meeting, attempt, shown, sent, seat, place,
                   parting, over_at)
                 SELECT $1, CAST(value ->> 0 AS BIGINT), CAST(value ->> 1 AS BIGINT),
                   CAST(value ->> 2 AS BIGINT), value ->> 3, CAST(value ->> 4 AS BIGINT),
                   CAST(value ->> 5 AS BIGINT), CAST(value ->> 6 AS BIGINT),
                   CAST(value ->> 7 AS BIGINT), value ->> 8, CAST(value ->> 9 AS BIGINT)
                 FROM",
                "WHERE 0 = 0
                 ON CONFLICT (id, school) DO UPDATE SET shown = excluded.shown,
                   sent = excluded.sent, seat = excluded.seat, place = excluded.place,
                   parting = excluded.parting, over_at = excluded.over_at"
            );
            work.run(sql, values![self.school, rows]).await?;
        }
        Ok(work.commit_unsynced().await?)
    }

    /// Forgets the sessions that have been over for as long as `kept`, and of the others all but the newest
    /// `most`. While nothing confirms that it is so late, none is over for long.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn forget_sessions(
        &self,
        (now, kept): (Timestamp, SignedDuration),
        most: u32,
    ) -> Result<()> {
        let mut work = self.database().write().await?;
        let before = if self.doubts_clock_in(&mut work, now).await? {
            Timestamp::MIN
        } else {
            now.checked_sub(kept).unwrap_or(Timestamp::MIN)
        };
        work.run(
            "DELETE FROM sessions WHERE school = $1 AND parting IS NOT NULL AND (over_at < $2
               OR over_at < (SELECT over_at FROM sessions WHERE school = $1 AND parting IS NOT NULL
                 ORDER BY over_at DESC LIMIT 1 OFFSET $3))",
            values![self.school, before, most],
        )
        .await?;
        Ok(work.commit_unsynced().await?)
    }
}
