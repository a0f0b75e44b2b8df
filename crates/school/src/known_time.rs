//! Whether a clock is to be believed: what cannot be taken back is not done on the word of one that nothing has
//! confirmed.

use jiff::{SignedDuration, Timestamp};

/// How far a clock may be from the newest moment that is known for certain.
pub const FAR: SignedDuration = SignedDuration::from_hours(48);

/// For how long a clock that is further from it goes on before it is believed.
pub const LIVED: SignedDuration = SignedDuration::from_hours(24);

/// What is known of the time for certain, and what a clock has shown since that is far from it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct KnownTime {
    /// The newest moment that is known.
    pub at: Timestamp,
    /// What a clock that is far from it showed last.
    pub far: Option<Timestamp>,
    /// How long that clock has gone on, by one that nobody sets.
    pub lived: SignedDuration,
}

impl KnownTime {
    /// That it is so late is known.
    #[must_use]
    pub const fn of(now: Timestamp) -> Self {
        Self {
            at: now,
            far: None,
            lived: SignedDuration::ZERO,
        }
    }

    /// Whether nothing confirms that it is so late.
    #[must_use]
    pub fn doubts(&self, now: Timestamp) -> bool {
        now.duration_since(self.at) > FAR
    }

    /// Whether the clock that was far from it was ahead.
    #[must_use]
    pub fn was_ahead(&self) -> bool {
        self.far.is_some_and(|far| self.doubts(far))
    }

    /// What is known once a clock shows `now`, after so long since whoever looks had looked before: nothing where they
    /// never had.
    #[must_use]
    pub fn look(self, now: Timestamp, passed: SignedDuration) -> Self {
        if is_near(now, self.at) {
            return Self::of(now.max(self.at));
        }
        // Several may look, and none for a night: what one clock has gone on by is counted once.
        let went_on = self.far.filter(|far| is_near(now, *far));
        let lived = went_on.map_or(SignedDuration::ZERO, |far| {
            let by = passed.min(now.duration_since(far));
            self.lived + by.max(SignedDuration::ZERO)
        });
        if lived >= LIVED {
            return Self::of(now);
        }
        Self {
            far: Some(now),
            lived,
            ..self
        }
    }
}

fn is_near(one: Timestamp, other: Timestamp) -> bool {
    one.duration_since(other).abs() <= FAR
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hour(hours: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_hours(400_000 + hours)
    }

    /// Looked at every minute for so many hours, by a clock that shows `from` at first.
    fn lived(mut known: KnownTime, from: Timestamp, hours: i64) -> KnownTime {
        let minute = SignedDuration::from_mins(1);
        known = known.look(from, SignedDuration::ZERO);
        for minutes in 1..=hours * 60 {
            known = known.look(from + SignedDuration::from_mins(minutes), minute);
        }
        known
    }

    #[test]
    fn a_clock_that_is_far_ahead_is_believed_after_a_day_and_not_before() {
        let known = KnownTime::of(hour(0));
        assert!(!known.doubts(hour(48)));
        assert!(known.doubts(hour(49)));
        // A summer later.
        let pause = hour(24 * 60);
        let almost = lived(known, pause, 23);
        assert_eq!(almost.at, hour(0));
        assert!(almost.doubts(pause));
        let whole = lived(known, pause, 24);
        assert_eq!(whole, KnownTime::of(pause + LIVED));
        // Off every night: it adds up.
        let mut known = known;
        for day in 0..3 {
            assert!(known.doubts(pause + SignedDuration::from_hours(24 * day)));
            known = lived(known, pause + SignedDuration::from_hours(24 * day), 8);
        }
        assert_eq!(known, KnownTime::of(pause + SignedDuration::from_hours(56)));
    }

    #[test]
    fn one_that_is_set_right_leaves_nothing_behind_and_one_that_jumps_begins_anew() {
        let known = KnownTime::of(hour(0));
        let wrong = lived(known, hour(17_000), 20);
        assert_eq!(wrong.look(hour(20), FAR), KnownTime::of(hour(20)));
        // Ahead by something else at each start.
        let other = lived(wrong, hour(30_000), 20);
        assert!(other.doubts(hour(30_000)));
        assert_eq!(other.lived, SignedDuration::from_hours(20));
        // What passed unseen counts by the clock at most, and what the clock shows by what passed.
        let seen = wrong.look(hour(17_040), SignedDuration::from_mins(1));
        assert_eq!(seen.lived, SignedDuration::from_mins(20 * 60 + 1));
        let seen = wrong.look(hour(17_021), SignedDuration::from_hours(90));
        assert_eq!(seen.lived, SignedDuration::from_hours(21));
    }

    #[test]
    fn a_clock_that_is_behind_is_no_danger_and_is_believed_after_a_day() {
        let known = KnownTime::of(hour(17_000));
        assert!(!known.doubts(hour(0)));
        assert_eq!(known.look(hour(16_999), FAR).at, hour(17_000));
        assert_eq!(lived(known, hour(0), 24), KnownTime::of(hour(24)));
    }
}
