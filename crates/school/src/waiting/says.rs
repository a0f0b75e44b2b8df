//! What a provider of a waiting area says of themselves to those who wait (WAIT-1).

use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp};

use crate::refusal::Refusal;

/// The most minutes that somebody says they are late by.
pub const MOST_LATE: u32 = 240;

/// For how long "running late" stands where nobody takes it back.
const LATE_FOR: SignedDuration = SignedDuration::from_hours(12);

/// What a provider says of themselves.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Says {
    /// They run late by so many minutes.
    Late {
        /// How many: 1 to [`MOST_LATE`].
        minutes: u32,
    },
    /// They are away.
    Away {
        /// Until when.
        until: Timestamp,
    },
}

impl Says {
    /// They run late.
    ///
    /// # Errors
    ///
    /// [`Refusal::TimeInvalid`] where it is by none, or by more than [`MOST_LATE`].
    pub const fn late(minutes: u32) -> Result<Self, Refusal> {
        if minutes == 0 || minutes > MOST_LATE {
            return Err(Refusal::TimeInvalid);
        }
        Ok(Self::Late { minutes })
    }

    /// They are away until the clock of the school shows `time` next: within a day.
    ///
    /// # Errors
    ///
    /// [`Refusal::TimeInvalid`] where no clock shows so.
    pub fn away(time: Time, zone: &TimeZone, now: Timestamp) -> Result<Self, Refusal> {
        let today = now.to_zoned(zone.clone()).date();
        let next = (0_i64..=1).find_map(|ahead| {
            let date = today.checked_add(Span::new().days(ahead)).ok()?;
            let until = date.to_datetime(time).to_zoned(zone.clone()).ok()?;
            Some(until.timestamp()).filter(|until| now < *until)
        });
        let until = next.ok_or(Refusal::TimeInvalid)?;
        Ok(Self::Away { until })
    }

    /// Until when that stands, where it was said at `now`.
    #[must_use]
    pub fn ends(self, now: Timestamp) -> Timestamp {
        match self {
            Self::Late { .. } => now.checked_add(LATE_FOR).unwrap_or(Timestamp::MAX),
            Self::Away { until } => until,
        }
    }
}

/// How long those who were seen last had waited: the middle one of `waits`, nothing where there is none.
#[must_use]
pub fn middle(mut waits: Vec<SignedDuration>) -> Option<SignedDuration> {
    waits.sort();
    let half = waits.len().checked_sub(1)? / 2;
    waits.get(half).copied()
}

#[cfg(test)]
mod tests {
    use jiff::civil::time;
    use jiff::tz::TimeZone;
    use jiff::{SignedDuration, Timestamp};

    use super::{MOST_LATE, Says, middle};
    use crate::refusal::Refusal;

    #[test]
    fn away_is_until_the_clock_of_the_school_shows_it_next() {
        let zone = TimeZone::get("Europe/London").expect("a zone");
        // Half past ten in the morning there, in summer.
        let now: Timestamp = "2026-07-01T09:30:00Z".parse().expect("a moment");
        let away = |hour, minute| {
            let says = Says::away(time(hour, minute, 0, 0), &zone, now).expect("a time");
            assert_eq!(says.ends(now), says.ends(Timestamp::MIN));
            says.ends(now).to_string()
        };
        assert_eq!(away(10, 31), "2026-07-01T09:31:00Z");
        assert_eq!(away(10, 30), "2026-07-02T09:30:00Z");
        assert_eq!(away(8, 0), "2026-07-02T07:00:00Z");
    }

    #[test]
    fn late_is_by_some_minutes_and_for_half_a_day() {
        for wrong in [0, MOST_LATE + 1] {
            assert_eq!(Says::late(wrong), Err(Refusal::TimeInvalid));
        }
        let now = Timestamp::UNIX_EPOCH;
        let late = Says::late(MOST_LATE).expect("late");
        assert_eq!(late.ends(now).to_string(), "1970-01-01T12:00:00Z");
    }

    #[test]
    fn the_middle_wait_is_said_and_one_long_one_changes_nothing() {
        let minutes = |all: &[i64]| {
            let waits = all.iter().map(|it| SignedDuration::from_mins(*it));
            middle(waits.collect()).map(|it| it.as_mins())
        };
        assert_eq!(minutes(&[]), None);
        assert_eq!(minutes(&[7]), Some(7));
        assert_eq!(minutes(&[90, 3, 5]), Some(5));
        assert_eq!(minutes(&[4, 90, 3, 5]), Some(4));
    }
}
