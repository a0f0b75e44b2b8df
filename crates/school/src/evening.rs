//! An evening: when it is, and the slots it is cut into.

use std::ops::Range;

use jiff::civil::{Date, Time};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{SignedDuration, Timestamp};

use crate::ids::EveningId;
use crate::refusal::Refusal;
use crate::text::{Label, Note};

/// The shortest slot that the office may choose, minutes.
pub const SHORTEST_SLOT: u16 = 3;
/// The shortest there is, minutes: that of a demonstration.
const SHORTEST_AT_ALL: u16 = 1;
/// The longest slot, minutes.
pub const LONGEST_SLOT: u16 = 120;
/// The longest gap between slots, minutes.
pub const LONGEST_GAP: u16 = 60;

/// How far ahead an evening is planned at most: what is farther is a slip.
const FARTHEST: SignedDuration = SignedDuration::from_hours(20 * 366 * 24);

/// For how long after its end an evening's links still open: a last appointment may run over.
pub const LINKS_OUTLIVE: SignedDuration = SignedDuration::from_mins(15);

/// For how long after its end an evening's teachers still read their own page, and what they wrote there.
pub const TEACHERS_READ: SignedDuration = SignedDuration::from_hours(30 * 24);

/// The hours of the day, where an evening takes place, at which the program writes to people of itself.
const TOLD_BY_DAY: Range<i8> = 7..21;

/// How long after booking has closed at its time parents are told: a night is shorter.
const TOLD_WITHIN: SignedDuration = SignedDuration::from_hours(24);

/// A slot, counted from 0 at the start of the evening.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct SlotNumber(pub u16);

impl SlotNumber {
    /// From here on no slot of any evening is numbered: a day has fewer minutes.
    pub const BEYOND_ALL: Self = Self(2_000);
}

/// When one appointment may be.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Slot {
    /// Its number.
    pub number: SlotNumber,
    /// Its first moment.
    pub start: Timestamp,
    /// The moment after it.
    pub end: Timestamp,
}

/// Whether parents may book.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Booking {
    /// The office still prepares it.
    NotYet,
    /// They may, until [`Evening::closes`].
    Open,
    /// They may no longer.
    Closed,
    /// The evening does not take place.
    Cancelled,
}

/// What the office says of an evening.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct EveningDraft {
    /// What it is called.
    pub name: Label,
    /// The day, in `zone`.
    pub date: Date,
    /// The zone's name in the time zone database, such as `Europe/London`.
    pub zone: String,
    /// When the first slot starts, in `zone`.
    pub start: Time,
    /// When the last slot has ended, in `zone`.
    pub end: Time,
    /// How long an appointment is, minutes.
    pub slot_minutes: u16,
    /// How long between two, minutes.
    pub gap_minutes: u16,
    /// When booking closes by itself; without it, when the evening starts.
    pub closes: Option<Timestamp>,
}

impl EveningDraft {
    /// Checks it, and gives the moments at which the evening starts and ends.
    ///
    /// A time that comes twice on the day the clocks go back is the first of the two.
    ///
    /// # Errors
    ///
    /// [`Refusal::ZoneUnknown`], [`Refusal::EndsBeforeStart`], [`Refusal::TimeSkipped`],
    /// [`Refusal::SlotLength`], [`Refusal::GapLength`] and [`Refusal::NoSlotFits`].
    pub fn check(&self) -> Result<(Timestamp, Timestamp), Refusal> {
        if !(SHORTEST_AT_ALL..=LONGEST_SLOT).contains(&self.slot_minutes) {
            return Err(Refusal::SlotLength);
        }
        if self.gap_minutes > LONGEST_GAP {
            return Err(Refusal::GapLength);
        }
        if self.end <= self.start {
            return Err(Refusal::EndsBeforeStart);
        }
        let zone = zone(&self.zone)?;
        let start = self.moment(self.start, &zone)?;
        let end = self.moment(self.end, &zone)?;
        if end <= start {
            return Err(Refusal::EndsBeforeStart);
        }
        if end.duration_since(start) < minutes(self.slot_minutes) {
            return Err(Refusal::NoSlotFits);
        }
        Ok((start, end))
    }

    /// Checks one that the office plans: it is still to come, and within the time that anybody plans
    /// for.
    ///
    /// # Errors
    ///
    /// Those of [`Self::check_closes`], [`Refusal::DatePast`] and [`Refusal::DateTooFar`].
    pub fn check_plan(&self, now: Timestamp) -> Result<(), Refusal> {
        if self.slot_minutes < SHORTEST_SLOT {
            return Err(Refusal::SlotLength);
        }
        let latest = now.checked_add(FARTHEST).unwrap_or(Timestamp::MAX);
        if i32::from(self.date.year()) > i32::from(latest.to_zoned(TimeZone::UTC).year()) {
            return Err(Refusal::DateTooFar);
        }
        let (start, end) = self.check()?;
        if end <= now {
            return Err(Refusal::DatePast);
        }
        self.check_closes()?;
        if start > latest {
            return Err(Refusal::DateTooFar);
        }
        Ok(())
    }

    /// Checks when booking closes: not after the evening.
    ///
    /// # Errors
    ///
    /// Those of [`Self::check`] and [`Refusal::ClosesPast`].
    pub fn check_closes(&self) -> Result<(), Refusal> {
        let (_, end) = self.check()?;
        if self.closes.is_some_and(|it| it > end) {
            return Err(Refusal::ClosesPast);
        }
        Ok(())
    }

    fn moment(&self, time: Time, zone: &TimeZone) -> Result<Timestamp, Refusal> {
        let moment = zone.to_ambiguous_timestamp(self.date.to_datetime(time));
        if matches!(moment.offset(), AmbiguousOffset::Gap { .. }) {
            return Err(Refusal::TimeSkipped);
        }
        // What is left to fail is a day outside the years -9999 to 9999.
        moment
            .compatible()
            .map_err(|_out_of_range| Refusal::DateTooFar)
    }
}

/// An evening as it is kept.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Evening {
    /// Its id.
    pub id: EveningId,
    /// What the office said of it.
    pub draft: EveningDraft,
    /// Its first moment.
    pub start: Timestamp,
    /// The moment after it.
    pub end: Timestamp,
    /// Whether parents may book.
    pub booking: Booking,
    /// What the office says of it to everybody; empty but for one that is cancelled.
    pub words: Note,
}

impl Evening {
    /// An evening nobody may book yet.
    ///
    /// # Errors
    ///
    /// Those of [`EveningDraft::check`].
    pub fn new(id: EveningId, draft: EveningDraft) -> Result<Self, Refusal> {
        let (start, end) = draft.check()?;
        Ok(Self {
            id,
            draft,
            start,
            end,
            booking: Booking::NotYet,
            words: Note::default(),
        })
    }

    /// Its slots, in order.
    pub fn slots(&self) -> impl Iterator<Item = Slot> + use<> {
        let (start, end) = (self.start, self.end);
        let length = minutes(self.draft.slot_minutes);
        let step = length + minutes(self.draft.gap_minutes);
        (0..).map_while(move |number| {
            let begin = start
                .checked_add(step.checked_mul(i32::from(number))?)
                .ok()?;
            let until = begin.checked_add(length).ok()?;
            (until <= end).then_some(Slot {
                number: SlotNumber(number),
                start: begin,
                end: until,
            })
        })
    }

    /// The slot of that number.
    ///
    /// # Errors
    ///
    /// [`Refusal::NoSuchSlot`].
    pub fn slot(&self, number: SlotNumber) -> Result<Slot, Refusal> {
        self.slots()
            .nth(usize::from(number.0))
            .ok_or(Refusal::NoSuchSlot)
    }

    /// The slot that starts then: how pages name it.
    ///
    /// # Errors
    ///
    /// [`Refusal::NoSuchSlot`].
    pub fn slot_starting(&self, start: Timestamp) -> Result<Slot, Refusal> {
        self.slots()
            .find(|slot| slot.start == start)
            .ok_or(Refusal::NoSuchSlot)
    }

    /// When booking closes by itself.
    #[must_use]
    pub fn closes(&self) -> Timestamp {
        self.draft.closes.unwrap_or(self.start)
    }

    /// The slot of that number, if an appointment may still be booked there or moved from there:
    /// until its end, so that a parent may come to one that has begun.
    ///
    /// # Errors
    ///
    /// [`Refusal::NoSuchSlot`] and [`Refusal::SlotOver`].
    pub fn slot_to_come(&self, number: SlotNumber, now: Timestamp) -> Result<Slot, Refusal> {
        let slot = self.slot(number)?;
        if now < slot.end {
            Ok(slot)
        } else {
            Err(Refusal::SlotOver)
        }
    }

    /// Whether parents may book, move and cancel now.
    ///
    /// # Errors
    ///
    /// [`Refusal::BookingNotOpen`] before, [`Refusal::BookingClosed`] from [`Self::closes`] on,
    /// and [`Refusal::EveningOver`].
    pub fn check_booking(&self, now: Timestamp) -> Result<(), Refusal> {
        match self.booking {
            Booking::NotYet => Err(Refusal::BookingNotOpen),
            Booking::Closed => Err(Refusal::BookingClosed),
            Booking::Cancelled => Err(Refusal::EveningCancelled),
            Booking::Open if self.closes() <= now => Err(Refusal::BookingClosed),
            Booking::Open => self.check_not_over(now),
        }
    }

    /// Whether booking has closed at the moment that was set for it, and it is a time of the day to say
    /// so: never at night, and not where the evening is over or does not take place.
    #[must_use]
    pub fn tells_of_closing(&self, now: Timestamp) -> bool {
        let has_closed = self.draft.closes.is_some_and(|closes| closes <= now);
        self.booking == Booking::Open && has_closed && now < self.end && self.is_day(now)
    }

    /// Whether it is a time of the day at which the program writes to people of itself.
    #[must_use]
    pub fn is_day(&self, now: Timestamp) -> bool {
        let zone = self.zone().unwrap_or(TimeZone::UTC);
        TOLD_BY_DAY.contains(&now.to_zoned(zone).hour())
    }

    /// Whether booking has closed so long ago that it is no news: nobody is told of it any more, as after a
    /// restore.
    #[must_use]
    pub fn is_closing_old(&self, now: Timestamp) -> bool {
        let closes = self.draft.closes;
        closes.is_some_and(|closes| now.duration_since(closes) > TOLD_WITHIN)
    }

    /// Whether it is not over yet: until then people are invited and join.
    ///
    /// # Errors
    ///
    /// [`Refusal::EveningOver`] and [`Refusal::EveningCancelled`].
    pub fn check_not_over(&self, now: Timestamp) -> Result<(), Refusal> {
        if self.booking == Booking::Cancelled {
            Err(Refusal::EveningCancelled)
        } else if now < self.end {
            Ok(())
        } else {
            Err(Refusal::EveningOver)
        }
    }

    /// Whether the clocks of another zone show its hours as its own do; not where that zone is
    /// unknown.
    ///
    /// # Errors
    ///
    /// [`Refusal::ZoneUnknown`] for either.
    pub fn agrees_with(&self, other: &str) -> Result<bool, Refusal> {
        let (own, other) = (self.zone()?, zone(other)?);
        let agree = |at| own.to_offset(at) == other.to_offset(at);
        Ok(agree(self.start) && agree(self.end))
    }

    /// Its zone.
    ///
    /// # Errors
    ///
    /// [`Refusal::ZoneUnknown`] where this program's time zone database has lost it.
    pub fn zone(&self) -> Result<TimeZone, Refusal> {
        zone(&self.draft.zone)
    }
}

/// The zone of that name.
///
/// # Errors
///
/// [`Refusal::ZoneUnknown`].
pub fn zone(name: &str) -> Result<TimeZone, Refusal> {
    TimeZone::get(name).map_err(|_unknown| Refusal::ZoneUnknown)
}

fn minutes(count: u16) -> SignedDuration {
    SignedDuration::from_mins(i64::from(count))
}

#[cfg(test)]
mod tests;
