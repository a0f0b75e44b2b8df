//! Booking is opened, or it closes: by a press, or at the moment that was set for it. Whoever is to
//! hear of it is told in the same transaction (EVE-5).

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

/// How many evenings are looked at in one go.
const MOST_AT_ONCE: u32 = 20;

/// What the office does with booking.
#[derive(Clone, Copy, Debug)]
pub struct BookingPress {
    /// It opens it, or closes it.
    pub opens: bool,
    /// When it is to close by itself, where that is to be another moment than before.
    pub closes: Option<Timestamp>,
    /// Whether parents are told: all of them that it is open, and that it has closed those who have
    /// booked or have a link.
    pub tells: bool,
    /// The press: a retry with the same does nothing, and gives what was done.
    pub attempt: Option<AttemptId>,
}

columns! {
    struct DoorRow {
        closing_told_at: Option<Timestamp>,
        press: String,
        press_queued: Option<i64>,
        press_without: Option<i64>,
    }
}

impl DoorRow {
    /// Whom that press told, if it was the last one.
    fn done_by(&self, press: &BookingPress) -> Option<Option<Queued>> {
        let is_it = press.attempt.is_some_and(|it| it.to_string() == self.press);
        is_it.then(|| {
            let count = |number: i64| u64::try_from(number).unwrap_or_default();
            let (queued, without) = self.press_queued.zip(self.press_without)?;
            Some(Queued {
                queued: count(queued),
                without_address: count(without),
            })
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
    /// [`Refusal::NotFound`], [`Refusal::EveningCancelled`]; and where it is to be opened
    /// [`Refusal::EveningOver`], and [`Refusal::ClosesPast`] where it would be closed at once or stay
    /// open beyond the evening.
    pub async fn press_booking(
        &self,
        id: EveningId,
        press: BookingPress,
        actor: Actor,
        now: Timestamp,
    ) -> Result<Option<Queued>> {
        let mut work = self.write().await?;
        let evening = self.find_evening(&mut work, id).await?;
        let door = self.door(&mut work, id).await?;
        if let Some(told) = door.done_by(&press) {
            return Ok(told);
        }
        let is_news = if press.opens {
            self.open_until(&mut work, &evening, press.closes, now)
                .await?
        } else {
            self.close_now(&mut work, &evening, &door).await?
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
            true => Some(self.tell_parents(&mut work, id, whom, actor, now).await?),
            false => None,
        };
        self.keep_booking_press(&mut work, id, press.attempt, told)
            .await?;
        work.commit().await?;
        Ok(told)
    }

    async fn door(&self, work: &mut Work, id: EveningId) -> Result<DoorRow> {
        let row = work
            .row(
                "SELECT closing_told_at, press, press_queued, press_without FROM evenings
                 WHERE school = $1 AND id = $2",
                values![self.school, id],
            )
            .await?;
        Ok(row.ok_or(Refusal::NotFound)?)
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

    /// Whether nobody was told before that it is closed.
    async fn close_now(&self, work: &mut Work, evening: &Evening, door: &DoorRow) -> Result<bool> {
        if evening.booking == Booking::Cancelled {
            return Err(Refusal::EveningCancelled.into());
        }
        self.set_booking(work, evening.id, "closed").await?;
        let is_told =
            evening.draft.closes.is_some() && door.closing_told_at == evening.draft.closes;
        Ok(evening.booking == Booking::Open && !is_told)
    }

    async fn keep_booking_press(
        &self,
        work: &mut Work,
        id: EveningId,
        attempt: Option<AttemptId>,
        told: Option<Queued>,
    ) -> Read<()> {
        let count = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        let attempt = attempt.map(|it| it.to_string()).unwrap_or_default();
        work.run(
            "UPDATE evenings SET press = $3, press_queued = $4, press_without = $5
             WHERE school = $1 AND id = $2",
            values![
                self.school,
                id,
                attempt,
                told.map(|it| count(it.queued)),
                told.map(|it| count(it.without_address))
            ],
        )
        .await?;
        Ok(())
    }

    /// Tells those who have booked or have a link that booking has closed at the moment that was set
    /// for it: once for each such moment, and never at night. Gives the evenings.
    ///
    /// # Errors
    ///
    /// A fault of the database.
    pub async fn tell_of_closing(&self, now: Timestamp) -> Result<Vec<EveningId>> {
        let rows = self
            .glance()
            .await?
            .all(
                concat!(
                    "SELECT ",
                    evening_columns!(),
                    " FROM evenings WHERE school = $1 AND booking = 'open' AND closes_at <= $2
                       AND end_at > $2
                       AND (closing_told_at IS NULL OR closing_told_at <> closes_at)
                     ORDER BY closes_at, evenings.id LIMIT $3"
                ),
                values![self.school, now, MOST_AT_ONCE],
            )
            .await?;
        let mut told = Vec::new();
        for row in &rows {
            let evening = read_evening(row)?;
            if evening.tells_of_closing(now) && self.tell_once(&evening, now).await? {
                told.push(evening.id);
            }
        }
        Ok(told)
    }

    /// Whether it was as it was found, and nobody else was faster.
    async fn tell_once(&self, evening: &Evening, now: Timestamp) -> Result<bool> {
        let mut work = self.write().await?;
        let marked = work
            .run(
                "UPDATE evenings SET closing_told_at = closes_at
                 WHERE school = $1 AND id = $2 AND booking = 'open' AND closes_at = $3
                   AND (closing_told_at IS NULL OR closing_told_at <> closes_at)",
                values![self.school, evening.id, evening.draft.closes],
            )
            .await?;
        if marked == 0 {
            return Ok(false);
        }
        let (actor, action) = (Actor::Program, Action::BookingClosed);
        let subject = format!("evening:{}", evening.id);
        self.audit(&mut work, actor, action, &subject, &[], now)
            .await?;
        self.tell_parents(&mut work, evening.id, Whom::WhoKnows, actor, now)
            .await?;
        work.commit().await?;
        Ok(true)
    }
}
