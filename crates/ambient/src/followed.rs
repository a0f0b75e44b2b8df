//! A clock elsewhere that this program goes by. Between two looks at it time is counted by what passes here: that
//! somebody sets the clock of this machine changes nothing.

#![expect(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    reason = "this is the one place"
)]

use std::sync::LazyLock;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};

/// What it may differ by from what was certainly shown without being set anew: two looks are never alike.
const SLACK: SignedDuration = SignedDuration::from_secs(1);

/// No clock is followed.
const NOBODY: i64 = i64::MIN;

/// Since when what passes is counted.
static BEGINNING: LazyLock<Instant> = LazyLock::new(Instant::now);

/// A clock that is followed, or none yet.
#[derive(Debug)]
pub(crate) struct Followed {
    /// What it showed at the beginning, in microseconds since 1970.
    began: AtomicI64,
}

impl Followed {
    pub(crate) const fn nobody() -> Self {
        Self {
            began: AtomicI64::new(NOBODY),
        }
    }

    /// It was asked, and heard `took` later to have shown this; `own` is what another clock shows, which goes on to be
    /// right as far as anybody can tell.
    pub(crate) fn follow(&self, (shown, took): (Timestamp, Duration), own: Timestamp) {
        let took = SignedDuration::try_from(took).unwrap_or_default();
        let plus = |by: SignedDuration| shown.checked_add(by).unwrap_or(shown);
        let before = self.now();
        let known = before.unwrap_or(own);
        let is_right = plus(-SLACK) <= known && known <= plus(took + SLACK);
        if before.is_some() && is_right {
            return;
        }
        let now = if is_right { known } else { plus(took / 2) };
        let began = now.as_microsecond() - passed();
        self.began.store(began, Ordering::Relaxed);
    }

    pub(crate) fn now(&self) -> Option<Timestamp> {
        let began = self.began.load(Ordering::Relaxed);
        if began == NOBODY {
            return None;
        }
        Timestamp::from_microsecond(began.saturating_add(passed())).ok()
    }
}

/// How many microseconds have passed.
fn passed() -> i64 {
    i64::try_from(BEGINNING.elapsed().as_micros()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: i64 = 1_800_000_000;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(NOON + seconds).expect("it is a time")
    }

    /// What it shows, in seconds since noon.
    fn shows(clock: &Followed) -> f64 {
        let now = clock.now().expect("it is followed");
        now.duration_since(at(0)).as_secs_f64()
    }

    #[test]
    fn a_clock_is_followed_whatever_ones_own_shows() {
        let clock = Followed::nobody();
        assert_eq!(clock.now(), None);
        let soon = Duration::from_millis(20);
        // One's own is twelve minutes behind, or an hour ahead.
        for own in [at(-720), at(3_600)] {
            let clock = Followed::nobody();
            clock.follow((at(0), soon), own);
            assert!((0.0..10.0).contains(&shows(&clock)));
            // It is set meanwhile, and set right again.
            clock.follow((at(0), Duration::from_mins(1)), at(-90_000));
            assert!((0.0..10.0).contains(&shows(&clock)));
        }
        // One that is right goes on without a step, and what was heard late says little.
        clock.follow((at(0), soon), at(0) + SignedDuration::from_millis(700));
        assert!((0.7..10.0).contains(&shows(&clock)));
        let before = clock.began.load(Ordering::Relaxed);
        clock.follow((at(-30), Duration::from_mins(2)), at(0));
        assert_eq!(clock.began.load(Ordering::Relaxed), before);
        // The clock that is followed was set itself.
        clock.follow((at(3_600), soon), at(0));
        assert!((3_600.0..3_610.0).contains(&shows(&clock)));
    }
}
