//! For how long personal data is kept.

use jiff::{SignedDuration, Timestamp};

use crate::refusal::Refusal;

/// The shortest period, days after an evening.
pub const SHORTEST_DAYS: u16 = 1;
/// The longest period, days.
pub const LONGEST_DAYS: u16 = 3650;
/// The period unless the school says otherwise, days: a school year and a term.
pub const DEFAULT_DAYS: u16 = 500;

/// How long after an evening its personal data is kept.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Period {
    days: u16,
}

impl Default for Period {
    fn default() -> Self {
        Self { days: DEFAULT_DAYS }
    }
}

impl Period {
    /// So many days.
    ///
    /// # Errors
    ///
    /// [`Refusal::Retention`] where they are less than [`SHORTEST_DAYS`] or more than
    /// [`LONGEST_DAYS`].
    pub fn read(days: u32) -> Result<Self, Refusal> {
        match u16::try_from(days) {
            Ok(days @ SHORTEST_DAYS..=LONGEST_DAYS) => Ok(Self { days }),
            Ok(_) | Err(_) => Err(Refusal::Retention),
        }
    }

    /// So many days, brought within [`SHORTEST_DAYS`] and [`LONGEST_DAYS`].
    #[must_use]
    pub fn of_days(days: u16) -> Self {
        Self {
            days: days.clamp(SHORTEST_DAYS, LONGEST_DAYS),
        }
    }

    /// In days.
    #[must_use]
    pub const fn days(self) -> u16 {
        self.days
    }

    /// Evenings that ended before this are past keeping.
    #[must_use]
    pub fn cut(self, now: Timestamp) -> Timestamp {
        let period = SignedDuration::from_hours(24 * i64::from(self.days));
        now.checked_sub(period).unwrap_or(Timestamp::MIN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_has_bounds() {
        assert_eq!(Period::of_days(0).days(), SHORTEST_DAYS);
        assert_eq!(Period::of_days(u16::MAX).days(), LONGEST_DAYS);
        let now = Timestamp::UNIX_EPOCH;
        let cut = Period::of_days(7).cut(now);
        assert_eq!(now.duration_since(cut), SignedDuration::from_hours(7 * 24));
        assert_eq!(Period::default().cut(Timestamp::MIN), Timestamp::MIN);
    }
}
