//! What the records know of the time. By a clock that is far ahead of it nothing is done that cannot be taken
//! back: nothing erased, told or counted as done, until that clock is confirmed ([`school::known_time`]).

use jiff::{SignedDuration, Timestamp};
use school::Actor;
use school::known_time::KnownTime;

use crate::audit::Action;
use crate::database::Work;
use crate::fault::{Read, Result};
use crate::store::Store;
use crate::value::{columns, values};

/// [`school::known_time::FAR`] in milliseconds, as statements say it.
macro_rules! far_ms {
    () => {
        "172800000"
    };
}

/// The newest moment that is known, where nothing confirms that it is as late as `$2`; of the school `$1`.
macro_rules! doubted_since {
    () => {
        concat!(
            "(SELECT clock_known_at FROM schools WHERE id = $1 AND clock_known_at < $2 - ",
            crate::known_time::far_ms!(),
            ")"
        )
    };
}

/// What was queued before a time that nothing confirms waits, where `$2` is now: whether it is still to be said, and
/// when, goes by that time. The newest moment that is known is some minutes old; what is queued by a time that is
/// far beyond it bears one that is so too. For the school `$1`.
macro_rules! not_held {
    () => {
        concat!(
            "queued_at > COALESCE(",
            crate::known_time::doubted_since!(),
            " + ",
            crate::known_time::far_ms!(),
            ", -1)"
        )
    };
}
pub(crate) use {doubted_since, far_ms, not_held};

/// How often the newest moment is written down anew.
const NOTED_EVERY: SignedDuration = SignedDuration::from_mins(5);

columns! {
    struct KnownRow {
        clock_known_at: Option<Timestamp>,
        clock_far_at: Option<Timestamp>,
        clock_lived_ms: i64,
    }
}

impl Store {
    /// Looks at a clock that shows `now`, so long after the program had looked before: what is known of the time
    /// moves on with it, however far where it is certain that it is so late. Gives by how much the clock is ahead of
    /// what is known, where nothing confirms it yet.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn look_at_clock(
        &self,
        (now, is_certain): (Timestamp, bool),
        passed: SignedDuration,
    ) -> Result<Option<SignedDuration>> {
        let before = self.known_time(&mut self.glance().await?).await?;
        let is = match before {
            Some(before) if !is_certain => before.look(now, passed),
            Some(_) | None => KnownTime::of(now),
        };
        let is_news = before.is_none_or(|before| {
            is != KnownTime {
                at: is.at,
                ..before
            } || is.at.duration_since(before.at).abs() >= NOTED_EVERY
        });
        if is_news {
            let mut work = self.write().await?;
            // Another node may have looked meanwhile: then this look counts for nothing.
            if self.known_time(&mut work).await? == before {
                self.know_time(&mut work, is).await?;
                let was_ahead = before.is_some_and(|it| it.was_ahead());
                if was_ahead && before.and_then(|it| it.far) > Some(now) && is.far.is_none() {
                    self.end_what_was_begun_ahead(&mut work, now).await?;
                }
                work.commit().await?;
            }
        }
        Ok(is.doubts(now).then(|| now.duration_since(is.at)))
    }

    /// Whether nothing confirms that it is so late: then nothing is to be done that cannot be taken back.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn doubts_clock(&self, now: Timestamp) -> Result<bool> {
        let mut work = self.glance().await?;
        Ok(self.doubts_clock_in(&mut work, now).await?)
    }

    pub(crate) async fn doubts_clock_in(&self, work: &mut Work, now: Timestamp) -> Read<bool> {
        let known = self.known_time(work).await?;
        Ok(known.is_some_and(|it| it.doubts(now)))
    }

    /// Somebody who has looked says that it is so late.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn confirm_clock(&self, actor: Actor, now: Timestamp) -> Result<()> {
        let mut work = self.write().await?;
        self.know_time(&mut work, KnownTime::of(now)).await?;
        let action = Action::ClockConfirmed;
        self.audit(&mut work, actor, action, "records", &[], now)
            .await?;
        work.commit().await?;
        Ok(())
    }

    async fn known_time(&self, work: &mut Work) -> Read<Option<KnownTime>> {
        let row: Option<KnownRow> = work
            .row(
                "SELECT clock_known_at, clock_far_at, clock_lived_ms FROM schools WHERE id = $1",
                values![self.school],
            )
            .await?;
        Ok(row.and_then(|row| {
            Some(KnownTime {
                at: row.clock_known_at?,
                far: row.clock_far_at,
                lived: SignedDuration::from_millis(row.clock_lived_ms),
            })
        }))
    }

    async fn know_time(&self, work: &mut Work, known: KnownTime) -> Read<()> {
        let lived = i64::try_from(known.lived.as_millis()).unwrap_or(i64::MAX);
        work.run(
            "UPDATE schools SET clock_known_at = $2, clock_far_at = $3, clock_lived_ms = $4
             WHERE id = $1",
            values![self.school, known.at, known.far, lived],
        )
        .await?;
        Ok(())
    }

    /// The clock was ahead, and is right again: who signed in by it does so anew, rather than stay for as long as it
    /// was ahead, and what was to be sent by it is due.
    async fn end_what_was_begun_ahead(&self, work: &mut Work, now: Timestamp) -> Read<()> {
        for sql in [
            concat!(
                "DELETE FROM staff_sessions WHERE school = $1 AND began_at > $2 + ",
                far_ms!()
            ),
            concat!(
                "DELETE FROM account_sessions WHERE school = $1 AND began_at > $2 + ",
                far_ms!()
            ),
            concat!(
                "UPDATE mail SET due_at = $2 WHERE school = $1 AND state IN ('queued', 'sending')
                   AND queued_at > $2 + ",
                far_ms!()
            ),
            concat!(
                "UPDATE webhooks SET due_at = $2 WHERE school = $1 AND due_at > $2 + ",
                far_ms!()
            ),
        ] {
            work.run(sql, values![self.school, now]).await?;
        }
        Ok(())
    }
}
