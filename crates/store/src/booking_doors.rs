//! Booking is opened, or it closes: by a press, or at the moment that was set for it. That whoever is to
//! hear of it is told is begun in the same transaction, and then goes on some at a time (EVE-5).

use std::collections::BTreeSet;

use jiff::Timestamp;
use links::AttemptId;
use school::evening::Booking;
use school::{Actor, Evening, EveningId, Refusal};

use crate::audit::Action;
use crate::database::Work;
use crate::evenings::{evening_columns, read_evening};
use crate::fault::{Read, Result};
use crate::outbox::{Queued, Whom};
use crate::store::Store;
use crate::value::{columns, values};

/// How many parents are told at once that booking has opened or closed.
const AT_ONCE: i64 = 200;

/// What the office does with booking.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct BookingPress {
    /// It opens it, or closes it.
    pub opens: bool,
    /// When it is to close by itself, where that is to be another moment than before.
    pub closes: Option<Timestamp>,
    /// Whether parents are told: all of them that it is open, and that it has closed those who have
    /// booked or have a link.
    pub tells: bool,
    /// The press: a retry with the same does nothing, whatever was pressed since, and gives what was
    /// done.
    pub attempt: Option<AttemptId>,
}

columns! {
    struct PressRow {
        evening: EveningId,
        opens: i64,
        closes_at: Option<Timestamp>,
        tells: i64,
        queued: Option<i64>,
        without_address: Option<i64>,
    }
}

columns! {
    struct HalfToldRow {
        closing_told: i64,
        told_by_press: i64,
    }
}

impl PressRow {
    /// Whether the same was wished then.
    fn is(&self, id: EveningId, press: &BookingPress) -> bool {
        (self.evening, self.closes_at) == (id, press.closes)
            && (self.opens != 0, self.tells != 0) == (press.opens, press.tells)
    }

    /// Whom it told.
    fn told(&self) -> Option<Queued> {
        let count = |number: i64| u64::try_from(number).unwrap_or_default();
        let (queued, without) = self.queued.zip(self.without_address)?;
        Some(Queued {
            queued: count(queued),
            without_address: count(without),
        })
    }
}

impl Store {
    /// Opens booking, and tells nobody.
    ///
    /// # Errors
    ///
    /// Those of [`Self::press_booking`].
    pub async fn open_booking(&self, id: EveningId, actor: Actor, now: Timestamp) -> Result<()> {
        let press = BookingPress {
            opens: true,
            closes: None,
            tells: false,
            attempt: None,
        };
        self.press_booking(id, press, actor, now).await?;
        Ok(())
    }

    /// Opens booking until it closes by itself or is closed, or closes it, and tells the parents where
    /// that is wished and it was not so before. Gives how many were told.
    ///
    /// # Errors
    ///
    /// [`Refusal::NotFound`], [`Refusal::EveningCancelled`], and [`Refusal::ChangedMeanwhile`] where
    /// the attempt was for something else; and where it is to be opened [`Refusal::EveningOver`], and
    /// [`Refusal::ClosesPast`] where it would be closed at once or stay open beyond the evening.
    pub async fn press_booking(
        &self,
        id: EveningId,
        press: BookingPress,
        actor: Actor,
        now: Timestamp,
    ) -> Result<Option<Queued>> {
        let mut work = self.write().await?;
        let evening = self.find_evening(&mut work, id).await?;
        if let Some(done) = self.booking_pressed(&mut work, press.attempt).await? {
            if !done.is(id, &press) {
                return Err(Refusal::ChangedMeanwhile.into());
            }
            return Ok(done.told());
        }
        let is_news = if press.opens {
            self.open_until(&mut work, &evening, press.closes, now)
                .await?
        } else {
            self.close_now(&mut work, &evening).await?
        };
        let (whom, action) = match press.opens {
            true => (Whom::All, Action::BookingOpened),
            false => (Whom::WhoKnows, Action::BookingClosed),
        };
        let subject = format!("evening:{id}");
        self.audit(&mut work, actor, action, &subject, &[], now)
            .await?;
        let tells = press.tells && is_news && evening.check_not_over(now).is_ok();
        let told = match tells {
            true => Some(self.count_parents_to_tell(&mut work, id, whom).await?),
            false => None,
        };
        if is_news {
            // What was being told of is so no longer.
            self.begin_telling(&mut work, id, tells).await?;
        }
        self.keep_booking_press(&mut work, id, (press, told), now)
            .await?;
        work.commit().await?;
        if tells && let Err(error) = self.tell_rest(id, (actor, now)).await {
            // It is done, and whoever looks next goes on.
            tracing::warn!(%error, evening = %id, "cannot tell all parents of booking at once");
        }
        Ok(told)
    }

    /// From now on parents are told of a press; or of nothing.
    async fn begin_telling(&self, work: &mut Work, id: EveningId, tells: bool) -> Read<()> {
        work.run(
            "UPDATE evenings SET closing_told = $3, told_by_press = $4
             WHERE school = $1 AND id = $2",
            values![self.school, id, tells.then_some(0_i64), i64::from(tells)],
        )
        .await?;
        Ok(())
    }

    /// What was done by that attempt.
    async fn booking_pressed(
        &self,
        work: &mut Work,
        attempt: Option<AttemptId>,
    ) -> Read<Option<PressRow>> {
        let Some(attempt) = attempt else {
            return Ok(None);
        };
        work.row(
            "SELECT evening, opens, closes_at, tells, queued, without_address FROM booking_presses
             WHERE school = $1 AND attempt = $2",
            values![self.school, attempt.to_string()],
        )
        .await
    }

    /// Whether it was not open before.
    async fn open_until(
        &self,
        work: &mut Work,
        evening: &Evening,
        closes: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<bool> {
        evening.check_not_over(now)?;
        let until = closes.unwrap_or_else(|| evening.closes());
        if until <= now || until > evening.end {
            return Err(Refusal::ClosesPast.into());
        }
        work.run(
            "UPDATE evenings SET closes_at = COALESCE($3, closes_at) WHERE school = $1 AND id = $2",
            values![self.school, evening.id, closes],
        )
        .await?;
        self.set_booking(work, evening.id, "open").await?;
        Ok(evening.check_booking(now).is_err())
    }

    /// Whether nobody knows yet that it is closed.
    async fn close_now(&self, work: &mut Work, evening: &Evening) -> Result<bool> {
        if evening.booking == Booking::Cancelled {
            return Err(Refusal::EveningCancelled.into());
        }
        self.set_booking(work, evening.id, "closed").await?;
        Ok(evening.booking == Booking::Open)
    }

    async fn keep_booking_press(
        &self,
        work: &mut Work,
        id: EveningId,
        (press, told): (BookingPress, Option<Queued>),
        now: Timestamp,
    ) -> Read<()> {
        let Some(attempt) = press.attempt else {
            return Ok(());
        };
        let count = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        work.run(
            "INSERT INTO booking_presses (school, attempt, evening, opens, closes_at, tells, queued,
               without_address, pressed_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            values![
                self.school,
                attempt.to_string(),
                id,
                i64::from(press.opens),
                press.closes,
                i64::from(press.tells),
                told.map(|it| count(it.queued)),
                told.map(|it| count(it.without_address)),
                now
            ],
        )
        .await?;
        Ok(())
    }

    /// Closes booking where the moment that was set for it has passed, and tells those who have booked
    /// or have a link: never at night. From then on it is closed as by a press, whatever a clock says
    /// and whatever is edited. An evening of which that fails is logged, and the others go on. None is closed
    /// or told of while nothing confirms that it is so late. Gives those that were told of.
    ///
    /// # Errors
    ///
    /// A fault of the database before any was told of.
    pub async fn tell_of_closing(&self, now: Timestamp) -> Result<Vec<EveningId>> {
        let mut told = Vec::new();
        if self.doubts_clock(now).await? {
            return Ok(told);
        }
        for evening in self.past_closing(&mut self.glance().await?, now).await? {
            let begun = if evening.is_closing_old(now) {
                self.close_at_its_time(&evening, now, None).await
            } else if evening.tells_of_closing(now) {
                self.close_at_its_time(&evening, now, Some(0)).await
            } else {
                continue;
            };
            if let Err(error) = begun {
                let id = evening.id;
                tracing::warn!(%error, evening = %id, "cannot close booking at its time");
            }
        }
        for id in self.half_told().await? {
            match self.tell_rest(id, (Actor::Program, now)).await {
                Ok(true) => told.push(id),
                Ok(false) => {}
                Err(error) => {
                    tracing::warn!(%error, evening = %id, "cannot tell of booking");
                }
            }
        }
        Ok(told)
    }

    /// The evenings of which parents are being told that booking has opened or closed: a program may have
    /// ended meanwhile.
    async fn half_told(&self) -> Result<Vec<EveningId>> {
        let mut work = self.glance().await?;
        let rows = work
            .all(
                "SELECT id FROM evenings WHERE school = $1 AND closing_told IS NOT NULL ORDER BY id",
                values![self.school],
            )
            .await?;
        Ok(rows
            .iter()
            .map(|row| row.named("id"))
            .collect::<Read<_>>()?)
    }

    /// Tells those who have not been, some at a time, so that nobody waits long for the records. Whether any
    /// were told; at night it goes on in the morning.
    async fn tell_rest(&self, id: EveningId, (actor, now): (Actor, Timestamp)) -> Result<bool> {
        let mut told = false;
        loop {
            let mut work = self.write().await?;
            // Of two programs one waits here, and goes on behind the other.
            let half_told: Option<HalfToldRow> = work
                .row(
                    "UPDATE evenings SET closing_told = closing_told
                     WHERE school = $1 AND id = $2 AND closing_told IS NOT NULL
                     RETURNING closing_told, told_by_press",
                    values![self.school, id],
                )
                .await?;
            let Some(half_told) = half_told else {
                return Ok(told);
            };
            let evening = self.find_evening(&mut work, id).await?;
            let is_pressed = half_told.told_by_press != 0;
            if !is_pressed && !evening.is_day(now) {
                return Ok(told);
            }
            let whom = match evening.booking {
                _ if evening.check_not_over(now).is_err() => None,
                Booking::Open if is_pressed => Some(Whom::All),
                Booking::Closed => Some(Whom::WhoKnows),
                // It is otherwise by now.
                Booking::Open | Booking::NotYet | Booking::Cancelled => None,
            };
            let last = match whom {
                Some(whom) => {
                    let some = (whom, half_told.closing_told, AT_ONCE);
                    self.tell_some_parents(&mut work, id, some, (actor, now))
                        .await?
                }
                None => None,
            };
            work.run(
                "UPDATE evenings SET closing_told = $3 WHERE school = $1 AND id = $2",
                values![self.school, id, last],
            )
            .await?;
            work.commit().await?;
            told |= whom.is_some();
            if last.is_none() {
                return Ok(told);
            }
        }
    }

    /// The evenings to come whose booking was not closed otherwise at the moment that was set for it.
    async fn past_closing(&self, work: &mut Work, now: Timestamp) -> Read<Vec<Evening>> {
        let rows = work
            .all(
                concat!(
                    "SELECT ",
                    evening_columns!(),
                    " FROM evenings WHERE school = $1 AND booking = 'open' AND closes_at <= $2
                       AND end_at > $2
                     ORDER BY closes_at, evenings.id"
                ),
                values![self.school, now],
            )
            .await?;
        let read = |row| match read_evening(row) {
            Ok(evening) => Some(evening),
            Err(error) => {
                tracing::warn!(%error, "cannot read an evening whose booking has closed");
                None
            }
        };
        Ok(rows.iter().filter_map(read).collect())
    }

    /// Closes booking, where it is as it was found, and nobody else was faster. `told` is 0 where parents are
    /// to be told from the first on.
    async fn close_at_its_time(
        &self,
        evening: &Evening,
        now: Timestamp,
        told: Option<i64>,
    ) -> Result<()> {
        let mut work = self.write().await?;
        let closed = work
            .run(
                "UPDATE evenings SET booking = 'closed', closing_told = $4, told_by_press = 0
                 WHERE school = $1 AND id = $2 AND booking = 'open' AND closes_at = $3",
                values![self.school, evening.id, evening.draft.closes, told],
            )
            .await?;
        if closed > 0 {
            self.note_closed(&mut work, evening.id, now).await?;
            work.commit().await?;
        }
        Ok(())
    }

    async fn note_closed(&self, work: &mut Work, id: EveningId, now: Timestamp) -> Result<()> {
        let (actor, action) = (Actor::Program, Action::BookingClosed);
        let subject = format!("evening:{id}");
        self.audit(work, actor, action, &subject, &[], now).await
    }

    /// Closes booking, and tells nobody: it was told.
    pub(crate) async fn close_again(
        &self,
        work: &mut Work,
        id: EveningId,
        now: Timestamp,
    ) -> Result<()> {
        self.set_booking(work, id, "closed").await?;
        self.begin_telling(work, id, false).await?;
        self.note_closed(work, id, now).await
    }

    /// What was being told of, and what closed at its time, counts as told, but for those evenings: these records are a backup's, and
    /// whoever was to hear of it since has heard.
    pub(crate) async fn count_as_told(
        &self,
        work: &mut Work,
        but: &BTreeSet<EveningId>,
        now: Timestamp,
    ) -> Result<()> {
        work.run(
            "UPDATE evenings SET closing_told = NULL WHERE school = $1",
            values![self.school],
        )
        .await?;
        for evening in self.past_closing(work, now).await? {
            if !but.contains(&evening.id) {
                self.close_again(work, evening.id, now).await?;
            }
        }
        Ok(())
    }
}
